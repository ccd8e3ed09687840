// A verifier of ninety's log by Go's own checksum-database code:
// golang.org/x/mod/sumdb/note and tlog, as Debian ships them. None of ninety's
// code. Builds in GOPATH mode without network:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build verify.go
//
//	verify DIR   checks DIR/log, DIR/since/*, DIR/proofs/* under DIR/vkey
//	verify -     reads such lines from standard input, answers one line each
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

func b64(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err == nil && base64.StdEncoding.EncodeToString(b) != s {
		err = errors.New("not canonical base64")
	}
	return b, err
}

func number(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err == nil && strconv.FormatInt(n, 10) != s {
		err = errors.New("not a decimal number")
	}
	return n, err
}

// checkpoint opens a note and reads its three lines: tlog.ParseTree knows
// only the Go checksum database's own first line.
func checkpoint(raw []byte, v note.Verifier) (tree tlog.Tree, err error) {
	n, err := note.Open(raw, note.VerifierList(v))
	if err != nil {
		return tree, err
	}
	// note.Open decodes base64 leniently: a note has one spelling for us.
	for _, s := range n.Sigs {
		if _, err = b64(s.Base64); err != nil {
			return tree, err
		}
	}
	if len(n.UnverifiedSigs) > 0 {
		return tree, errors.New("a signature by a stranger")
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != v.Name() || lines[3] != "" {
		return tree, errors.New("checkpoint lines")
	}
	if tree.N, err = number(lines[1]); err != nil {
		return tree, err
	}
	root, err := b64(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tree, errors.New("root")
	}
	copy(tree.Hash[:], root)
	return tree, nil
}

// path is where ninety's layout keeps a tile: Go's without the height.
func path(t tlog.Tile) string {
	return strings.Replace(t.Path(), "tile/8/", "tile/", 1)
}

// entriesPath: Go calls entry bundles data tiles, level -1.
func entriesPath(n int64, width int) string {
	t := tlog.Tile{H: tileHeight, L: -1, N: n, W: width}
	return strings.Replace(t.Path(), "tile/8/data/", "tile/entries/", 1)
}

// tiles reads tiles from files, for tlog.TileHashReader to authenticate.
type tiles struct{ dir string }

func (tiles) Height() int                         { return tileHeight }
func (tiles) SaveTiles([]tlog.Tile, [][]byte)     {}
func (r tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range want {
		b, err := os.ReadFile(filepath.Join(r.dir, path(t)))
		if errors.Is(err, fs.ErrNotExist) && t.W < 1<<tileHeight {
			full := t
			full.W = 1 << tileHeight
			b, err = os.ReadFile(filepath.Join(r.dir, path(full)))
			if err == nil && len(b) >= t.W*tlog.HashSize {
				b = b[:t.W*tlog.HashSize]
			}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// stored is all hashes of the log, computed from the entries.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x >= int64(len(s)) {
			return nil, errors.New("beyond the log")
		}
		out[i] = s[x]
	}
	return out, nil
}

func readBundle(dir string, n int64, width int) ([][]byte, error) {
	b, err := os.ReadFile(filepath.Join(dir, entriesPath(n, width)))
	if errors.Is(err, fs.ErrNotExist) {
		b, err = os.ReadFile(filepath.Join(dir, entriesPath(n, 256)))
	}
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for i := 0; i < width; i++ {
		if len(b) < 2 || len(b) < 2+int(b[0])<<8+int(b[1]) {
			return nil, errors.New("bundle too short")
		}
		end := 2 + int(b[0])<<8 + int(b[1])
		out = append(out, b[2:end])
		b = b[end:]
	}
	if len(b) > 0 {
		return nil, errors.New("bundle too long")
	}
	return out, nil
}

func readEntries(dir string, tree tlog.Tree) (entries [][]byte, s stored, err error) {
	for n := int64(0); n*256 < tree.N; n++ {
		width := 256
		if tree.N-n*256 < 256 {
			width = int(tree.N - n*256)
		}
		bundle, err := readBundle(dir, n, width)
		if err != nil {
			return nil, nil, err
		}
		for _, e := range bundle {
			hashes, err := tlog.StoredHashes(int64(len(entries)), e, s)
			if err != nil {
				return nil, nil, err
			}
			s = append(s, hashes...)
			entries = append(entries, e)
		}
	}
	return entries, s, nil
}

// want is what a file under tile/ must hold.
func want(name string, entries [][]byte, s stored) ([]byte, error) {
	if strings.HasPrefix(name, "tile/entries/") {
		t, err := tlog.ParseTilePath("tile/8/data/" + name[len("tile/entries/"):])
		if err != nil || entriesPath(t.N, t.W) != name {
			return nil, errors.New("no file of the log")
		}
		var b []byte
		for i := t.N * 256; i < t.N*256+int64(t.W); i++ {
			if i >= int64(len(entries)) {
				return nil, errors.New("beyond the log")
			}
			e := entries[i]
			b = append(append(b, byte(len(e)>>8), byte(len(e))), e...)
		}
		return b, nil
	}
	t, err := tlog.ParseTilePath("tile/8/" + strings.TrimPrefix(name, "tile/"))
	if err != nil || path(t) != name {
		return nil, errors.New("no file of the log")
	}
	return tlog.ReadTileData(t, s)
}

func checkFiles(dir string, entries [][]byte, s stored) error {
	return filepath.WalkDir(filepath.Join(dir, "tile"),
		func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name, _ := filepath.Rel(dir, p)
			expected, err := want(name, entries, s)
			if err != nil {
				return fmt.Errorf("%s: %v", name, err)
			}
			b, err := os.ReadFile(p)
			if err == nil && !bytes.Equal(b, expected) {
				err = fmt.Errorf("%s: content", name)
			}
			return err
		})
}

func checkProof(raw []byte, v note.Verifier) error {
	head, rest, ok := bytes.Cut(raw, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !ok || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" ||
		!strings.HasPrefix(lines[1], "extra ") ||
		!strings.HasPrefix(lines[2], "index ") {
		return errors.New("not a proof")
	}
	extra, err := b64(lines[1][len("extra "):])
	if err != nil || len(extra) < 65 || extra[0] != 1 {
		return errors.New("extra")
	}
	index, err := number(lines[2][len("index "):])
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		h, err := b64(line)
		if err != nil || len(h) != tlog.HashSize {
			return errors.New("proof hash")
		}
		proof = append(proof, *(*tlog.Hash)(h))
	}
	tree, err := checkpoint(rest, v)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index,
		tlog.RecordHash(extra[1:65]))
}

// each calls f for every file of a folder.
func each(dir string, f func(raw []byte) error) error {
	files, err := os.ReadDir(dir)
	for _, d := range files {
		if d.IsDir() {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, d.Name()))
		if err == nil {
			err = f(raw)
		}
		if err != nil {
			return fmt.Errorf("%s: %v", d.Name(), err)
		}
	}
	return err
}

func check(dir string) error {
	vkey, err := os.ReadFile(filepath.Join(dir, "vkey"))
	if err != nil {
		return err
	}
	log := filepath.Join(dir, "log")
	published, err := os.ReadFile(filepath.Join(log, "vkey"))
	if err != nil || !bytes.Equal(vkey, published) {
		return errors.New("published key")
	}
	v, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(filepath.Join(log, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := checkpoint(raw, v)
	if err != nil {
		return err
	}
	entries, s, err := readEntries(log, tree)
	if err != nil {
		return err
	}
	root, err := tlog.TreeHash(tree.N, s)
	if err != nil || root != tree.Hash {
		return errors.New("root")
	}
	if err = checkFiles(log, entries, s); err != nil {
		return err
	}
	// From here on by the tiles alone, as a client of the log does it.
	reader := tlog.TileHashReader(tree, tiles{log})
	for i := int64(0); i < tree.N; i += 1 + tree.N/17 {
		p, err := tlog.ProveRecord(tree.N, i, reader)
		if err == nil {
			err = tlog.CheckRecord(p, tree.N, tree.Hash, i,
				tlog.RecordHash(entries[i]))
		}
		if err != nil {
			return err
		}
	}
	err = each(filepath.Join(dir, "since"), func(raw []byte) error {
		old, err := checkpoint(raw, v)
		if err != nil {
			return err
		}
		p, err := tlog.ProveTree(tree.N, old.N, reader)
		if err != nil {
			return err
		}
		return tlog.CheckTree(p, tree.N, tree.Hash, old.N, old.Hash)
	})
	if err != nil {
		return err
	}
	return each(filepath.Join(dir, "proofs"), func(raw []byte) error {
		return checkProof(raw, v)
	})
}

func answer(dir string) string {
	if err := check(dir); err != nil {
		return "refused " + strings.ReplaceAll(err.Error(), "\n", " ")
	}
	return "ok"
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "-" {
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			fmt.Println(answer(lines.Text()))
		}
		return
	}
	said := answer(os.Args[1])
	fmt.Println(said)
	if said != "ok" {
		os.Exit(1)
	}
}
