// What Go's checksum database and transparency.dev use, on the other side of our checkpoints.
// SPDX-License-Identifier: Apache-2.0
module mcpgov/tests/audit-interop

go 1.26.0

require (
	github.com/transparency-dev/formats v0.1.1
	golang.org/x/mod v0.42.0
)
