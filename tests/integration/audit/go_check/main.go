// Checks a copied log with the packages that Go's own checksum database is checked with (golang.org/x/mod/sumdb).
//
//	go_check DIR VKEY
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		fmt.Println("NOT VERIFIED:", err)
		os.Exit(1)
	}
}

// files reads tiles as tlog-tiles names them: Go puts the tile's height into the path, the specification fixes it at 8.
type files struct{ dir string }

func (f files) Height() int                                { return 8 }
func (f files) SaveTiles(tiles []tlog.Tile, data [][]byte) {}
func (f files) ReadTiles(tiles []tlog.Tile) (out [][]byte, err error) {
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(f.dir, strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func main() {
	dir, vkey := os.Args[1], os.Args[2]
	verifier, err := note.NewVerifier(vkey)
	check(err)
	signed, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	check(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	raw, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	var root tlog.Hash
	copy(root[:], raw)
	tree := tlog.Tree{N: size, Hash: root}
	hashes := tlog.TileHashReader(tree, files{dir})
	for seq := int64(0); seq < size; {
		width := size - seq
		if width > 256 {
			width = 256
		}
		path := tlog.Tile{H: 8, L: -1, N: seq / 256, W: int(width)}.Path()
		bundle, err := os.ReadFile(filepath.Join(dir, strings.Replace(path, "tile/8/data/", "tile/entries/", 1)))
		check(err)
		for ; len(bundle) > 0; seq++ {
			length := int(binary.BigEndian.Uint16(bundle))
			entry := bundle[2 : 2+length]
			bundle = bundle[2+length:]
			proof, err := tlog.ProveRecord(size, seq, hashes)
			check(err)
			if err := tlog.CheckRecord(proof, size, root, seq, tlog.RecordHash(entry)); err != nil {
				check(fmt.Errorf("record %d: %v", seq, err))
			}
		}
	}
	fmt.Printf("verified: %d records\n", size)
}
