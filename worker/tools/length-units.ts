/** Units of length, each with how many metres it has. */
export const lengthUnits = {
  millimetre: 0.001,
  centimetre: 0.01,
  metre: 1,
  kilometre: 1000,
  inch: 0.0254,
  foot: 0.3048,
  yard: 0.9144,
  mile: 1609.344,
  "nautical mile": 1852,
} as const;

/** A unit of length. */
export type LengthUnit = keyof typeof lengthUnits;

/** Every unit, from the metric ones on. */
export const lengthUnitNames = Object.keys(lengthUnits) as [LengthUnit, ...LengthUnit[]];
