// Loader asks a gateway over mutual TLS: so many connections, each with one question in flight.
// It prints one JSON object: answers in force, errors, seconds, latencies.
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"io"
	"log"
	"net/http"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

var inForce = []byte(`"inforce":true`)

func main() {
	url := flag.String("url", "", "where to post")
	certificate := flag.String("certificate", "", "client certificate and key, PEM")
	authorities := flag.String("authorities", "", "of the gateway, PEM")
	bearer := flag.String("bearer", "", "token")
	bodies := flag.String("bodies", "", "one request a line")
	requests := flag.Int("requests", 10000, "how many")
	connections := flag.Int("connections", 64, "how many")
	flag.Parse()

	client := &http.Client{Transport: transport(*certificate, *authorities, *connections)}
	lines := read(*bodies)
	latencies := make([]float64, *requests)
	var next, answered, failed atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for range make([]struct{}, *connections) {
		all.Add(1)
		go func() {
			defer all.Done()
			for n := next.Add(1) - 1; n < int64(*requests); n = next.Add(1) - 1 {
				began := time.Now()
				if ask(client, *url, *bearer, lines[n%int64(len(lines))]) {
					answered.Add(1)
				} else {
					failed.Add(1)
				}
				latencies[n] = time.Since(began).Seconds() * 1000
			}
		}()
	}
	all.Wait()
	seconds := time.Since(start).Seconds()
	sort.Float64s(latencies)
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"answered": answered.Load(),
		"errors":   failed.Load(),
		"seconds":  seconds,
		"p50_ms":   latencies[len(latencies)/2],
		"p99_ms":   latencies[len(latencies)*99/100],
	})
}

func ask(client *http.Client, url, bearer string, body []byte) bool {
	request, err := http.NewRequest("POST", url, bytes.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/fhir+json")
	request.Header.Set("Authorization", "Bearer "+bearer)
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return err == nil && response.StatusCode == 200 && bytes.Contains(answer, inForce)
}

func transport(certificate, authorities string, connections int) *http.Transport {
	pair, err := tls.LoadX509KeyPair(certificate, certificate)
	if err != nil {
		log.Fatal(err)
	}
	pem, err := os.ReadFile(authorities)
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return &http.Transport{
		TLSClientConfig:     &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots},
		MaxConnsPerHost:     connections,
		MaxIdleConnsPerHost: connections,
	}
}

func read(path string) [][]byte {
	file, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	var lines [][]byte
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		lines = append(lines, append([]byte(nil), scanner.Bytes()...))
	}
	return lines
}
