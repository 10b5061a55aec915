// Runs before every npm script, on whatever Node the machine has: plain JavaScript of an old kind.
var needed = 24;
var major = Number(process.versions.node.split(".")[0]);
if (major < needed) {
  console.error(
    [
      "This project runs on Node " + needed + " or newer; this is " + process.version + ".",
      "`npm ci` brings the right one for Linux, macOS and Windows, unless install scripts are off.",
      "Run: npm ci --ignore-scripts=false",
      "Or install Node " + needed + " and try again.",
    ].join("\n"),
  );
  process.exit(1);
}
