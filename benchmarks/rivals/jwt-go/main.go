// golang-jwt: jwt-go TOKENS SECONDS prints a line `RS256 microseconds` each.
//
// SPDX-License-Identifier: Apache-2.0
package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func bytes(text string) []byte {
	out, err := base64.RawURLEncoding.DecodeString(text)
	must(err)
	return out
}

func number(text string) *big.Int { return new(big.Int).SetBytes(bytes(text)) }

func keyOf(jwk map[string]string) any {
	switch jwk["kty"] {
	case "RSA":
		return &rsa.PublicKey{N: number(jwk["n"]), E: int(number(jwk["e"]).Int64())}
	case "EC":
		return &ecdsa.PublicKey{Curve: elliptic.P256(), X: number(jwk["x"]), Y: number(jwk["y"])}
	}
	return ed25519.PublicKey(bytes(jwk["x"]))
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	seconds, err := strconv.ParseFloat(os.Args[2], 64)
	must(err)
	var tokens map[string]struct {
		Token string
		JWK   map[string]string `json:"jwk"`
	}
	must(json.Unmarshal(text, &tokens))
	for algorithm, given := range tokens {
		key := keyOf(given.JWK)
		parser := jwt.NewParser(jwt.WithValidMethods([]string{algorithm}))
		find := func(*jwt.Token) (any, error) { return key, nil }
		var times []float64
		for batch := 0; batch < 5; batch++ {
			start := time.Now()
			done := 0
			for time.Since(start).Seconds() < seconds/5 {
				for i := 0; i < 10; i++ {
					_, err := parser.ParseWithClaims(given.Token, jwt.MapClaims{}, find)
					must(err)
				}
				done += 10
			}
			times = append(times, time.Since(start).Seconds()*1e6/float64(done))
		}
		sort.Float64s(times)
		fmt.Printf("%s %.2f\n", algorithm, times[2])
	}
}
