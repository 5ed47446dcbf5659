// golang-jwt, measured on the tokens of benchmarks/identity.cpp.
// SPDX-License-Identifier: Apache-2.0
module mcpgov/benchmarks/jwt-go

go 1.26.0

require github.com/golang-jwt/jwt/v5 v5.3.0
