// Checkpoints and proofs in a folder, as ../exchange.cpp has them, made and checked with
// golang.org/x/mod/sumdb/{note,tlog} and github.com/transparency-dev/formats.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/formats/proof"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var sizes = []int64{1, 2, 3, 5, 8, 13, 21, 33}

var passed, failed int

func check(err error, what string) bool {
	if err == nil {
		passed++
		return true
	}
	failed++
	fmt.Printf("FAILED: %s: %v\n", what, err)
	return false
}

// refused turns an expected error into success.
func refused(err error) error {
	if err == nil {
		return fmt.Errorf("it was accepted")
	}
	return nil
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func record(at int64) []byte { return []byte(fmt.Sprintf("record %d", at)) }

func extra(at int64) []byte {
	if at%2 == 1 {
		return record(at)
	}
	return nil
}

// stored holds the hashes of a log of 33 records, as tlog numbers them.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for at, index := range indexes {
		out[at] = s[index]
	}
	return out, nil
}

func hashes() stored {
	var out stored
	for at := int64(0); at < sizes[len(sizes)-1]; at++ {
		out = append(out, must(tlog.StoredHashes(at, record(at), out))...)
	}
	return out
}

func makeAll(folder string) {
	put := func(name string, text []byte) {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			panic(err)
		}
	}
	origin := "go.example/log-7"
	secret, public, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		panic(err)
	}
	put("vkey", []byte(public+"\n"))
	signer := must(note.NewSigner(secret))
	all := hashes()
	for _, size := range sizes {
		root := must(tlog.TreeHash(size, all))
		text := log.Checkpoint{Origin: origin, Size: uint64(size), Hash: root[:]}.Marshal()
		signed := must(note.Sign(&note.Note{Text: string(text)}, signer))
		put(fmt.Sprintf("%d.checkpoint", size), signed)
		for at := int64(0); at < size; at++ {
			made := proof.TLogProof{Index: uint64(at), Checkpoint: signed, ExtraData: extra(at)}
			for _, hash := range must(tlog.ProveRecord(size, at, all)) {
				made.Hashes = append(made.Hashes, hash)
			}
			put(fmt.Sprintf("%d-%d.tlog-proof", size, at), made.Marshal())
		}
		for old := int64(1); old <= size; old++ {
			var lines strings.Builder
			for _, hash := range must(tlog.ProveTree(size, old, all)) {
				lines.WriteString(base64.StdEncoding.EncodeToString(hash[:]) + "\n")
			}
			put(fmt.Sprintf("%d-%d.consistency", old, size), []byte(lines.String()))
		}
	}
}

func checkProof(path string, size, at int64, root tlog.Hash, signed []byte) {
	var read proof.TLogProof
	if !check(read.Unmarshal(must(os.ReadFile(path))), path) {
		return
	}
	if !bytes.Equal(read.Checkpoint, signed) || !bytes.Equal(read.ExtraData, extra(at)) ||
		read.Index != uint64(at) {
		check(fmt.Errorf("has another checkpoint, index or extra data"), path)
	}
	var siblings tlog.RecordProof
	for _, hash := range read.Hashes {
		siblings = append(siblings, hash)
	}
	check(tlog.CheckRecord(siblings, size, root, at, tlog.RecordHash(record(at))), path)
	check(refused(tlog.CheckRecord(siblings, size, root, at, tlog.RecordHash(record(at+1)))), path)
}

func checkConsistency(path string, old, size int64, all stored) {
	var read tlog.TreeProof
	for _, line := range strings.Fields(string(must(os.ReadFile(path)))) {
		read = append(read, must(tlog.ParseHash(line)))
	}
	root, former := must(tlog.TreeHash(size, all)), must(tlog.TreeHash(old, all))
	check(tlog.CheckTree(read, size, root, old, former), path)
}

func checkAll(folder string) {
	public := strings.TrimSpace(string(must(os.ReadFile(filepath.Join(folder, "vkey")))))
	verifier, err := note.NewVerifier(public)
	if !check(err, "the verifier key "+public) {
		return
	}
	all := hashes()
	for _, size := range sizes {
		root := must(tlog.TreeHash(size, all))
		path := filepath.Join(folder, fmt.Sprintf("%d.checkpoint", size))
		signed := must(os.ReadFile(path))
		opened, _, _, err := log.ParseCheckpoint(signed, verifier.Name(), verifier)
		if check(err, path) && (opened.Size != uint64(size) || !bytes.Equal(opened.Hash, root[:])) {
			check(fmt.Errorf("has size %d", opened.Size), path)
		}
		for at := int64(0); at < size; at++ {
			name := fmt.Sprintf("%d-%d.tlog-proof", size, at)
			checkProof(filepath.Join(folder, name), size, at, root, signed)
		}
		for old := int64(1); old <= size; old++ {
			name := fmt.Sprintf("%d-%d.consistency", old, size)
			checkConsistency(filepath.Join(folder, name), old, size, all)
		}
	}
}

func main() {
	if len(os.Args) != 3 {
		os.Exit(2)
	}
	if os.Args[1] == "make" {
		makeAll(os.Args[2])
		return
	}
	checkAll(os.Args[2])
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed != 0 {
		os.Exit(1)
	}
}
