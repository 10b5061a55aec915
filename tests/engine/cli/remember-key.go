// Part of the Pulumi CLI that `build` makes for the tests: a file of the package that makes keys.

package pbkdf2

import (
	"crypto/hmac"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"os"
	"path/filepath"
)

// Key keeps what it has made in the folder `derived-keys` of PULUMI_HOME, if there is one: under a digest that only the
// same passphrase, salt and count make. Without the folder it makes the key each time, as it does in Pulumi's releases.
func Key(password, salt []byte, iter, keyLen int, h func() hash.Hash) []byte {
	folder := filepath.Join(os.Getenv("PULUMI_HOME"), "derived-keys")
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return derive(password, salt, iter, keyLen, h)
	}
	name := hmac.New(h, password)
	_ = binary.Write(name, binary.BigEndian, int64(iter))
	name.Write(salt)
	path := filepath.Join(folder, hex.EncodeToString(name.Sum(nil)))
	if key, err := os.ReadFile(path); err == nil && len(key) == keyLen {
		return key
	}
	key := derive(password, salt, iter, keyLen, h)
	keep(folder, path, key)
	return key
}

// keep writes a file that is whole when others see it: several processes may make the same key at once.
func keep(folder, path string, key []byte) {
	part, err := os.CreateTemp(folder, ".part-*")
	if err != nil {
		return
	}
	_, err = part.Write(key)
	if part.Close() == nil && err == nil {
		_ = os.Rename(part.Name(), path)
	} else {
		_ = os.Remove(part.Name())
	}
}
