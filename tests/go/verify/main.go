// Verify reads what Rempart wrote with code that Rempart did not write: the note and tlog packages
// of the Go checksum database.
//
//	verify KEY CHECKPOINT ENTRY-PROOF KEPT-CHECKPOINT EXTENSION-PROOF
//
// Each argument is a file; specs/checkpoint.md describes them. It prints one line per thing proven
// and exits with status 1 at the first that is not.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type entryProof struct {
	Format     string   `json:"format"`
	Index      int64    `json:"index"`
	Body       []byte   `json:"body"`
	Detail     []byte   `json:"detail"`
	Leaf       []byte   `json:"leaf"`
	Proof      [][]byte `json:"proof"`
	Checkpoint string   `json:"checkpoint"`
}

type extensionProof struct {
	Format     string   `json:"format"`
	OldSize    int64    `json:"old_size"`
	Proof      [][]byte `json:"proof"`
	Checkpoint string   `json:"checkpoint"`
}

type head struct {
	origin string
	size   int64
	root   tlog.Hash
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(1)
	}
}

func run(names []string) error {
	if len(names) != 5 {
		return errors.New("five files are needed")
	}
	texts := make([][]byte, len(names))
	for i, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		texts[i] = text
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(texts[0])))
	if err != nil {
		return err
	}
	latest, err := open(texts[1], verifier)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	fmt.Println("checkpoint", latest.origin, latest.size)
	if err := checkEntry(texts[2], verifier); err != nil {
		return fmt.Errorf("entry: %w", err)
	}
	kept, err := open(texts[3], verifier)
	if err != nil {
		return fmt.Errorf("kept checkpoint: %w", err)
	}
	if err := checkExtension(texts[4], kept, verifier); err != nil {
		return fmt.Errorf("extension: %w", err)
	}
	return nil
}

func open(text []byte, verifier note.Verifier) (head, error) {
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return head{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return head{}, errors.New("not a checkpoint of this ledger")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return head{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return head{}, err
	}
	return head{lines[0], size, root}, nil
}

func checkEntry(text []byte, verifier note.Verifier) error {
	var proof entryProof
	if err := json.Unmarshal(text, &proof); err != nil {
		return err
	}
	latest, err := open([]byte(proof.Checkpoint), verifier)
	if err != nil {
		return err
	}
	path, err := hashes(proof.Proof)
	if err != nil {
		return err
	}
	leaf := tlog.RecordHash(proof.Body)
	if proof.Body == nil {
		if leaf, err = hash(proof.Leaf); err != nil {
			return err
		}
	}
	if err := tlog.CheckRecord(path, latest.size, latest.root, proof.Index, leaf); err != nil {
		return err
	}
	fmt.Println("entry", proof.Index, "of", latest.size)
	return nil
}

func checkExtension(text []byte, kept head, verifier note.Verifier) error {
	var proof extensionProof
	if err := json.Unmarshal(text, &proof); err != nil {
		return err
	}
	latest, err := open([]byte(proof.Checkpoint), verifier)
	if err != nil {
		return err
	}
	path, err := hashes(proof.Proof)
	if err != nil {
		return err
	}
	if proof.OldSize != kept.size {
		return errors.New("not about the kept checkpoint")
	}
	if err := tlog.CheckTree(path, latest.size, latest.root, kept.size, kept.root); err != nil {
		return err
	}
	fmt.Println("extension", kept.size, "to", latest.size)
	return nil
}

func hashes(raw [][]byte) ([]tlog.Hash, error) {
	all := make([]tlog.Hash, 0, len(raw))
	for _, each := range raw {
		read, err := hash(each)
		if err != nil {
			return nil, err
		}
		all = append(all, read)
	}
	return all, nil
}

func hash(raw []byte) (read tlog.Hash, err error) {
	if copy(read[:], raw); len(raw) != tlog.HashSize {
		err = errors.New("a hash is not 32 bytes long")
	}
	return read, err
}
