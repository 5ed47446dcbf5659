// The part of a configuration that says what is recorded, and where.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "governor/config.hpp"
#include "governor/yaml_reader.hpp"

namespace mcpgov {

// Relative paths start at directory. Throws ConfigFailure. docs/audit.md explains each key.
void read_audit(const YamlNode& node, const std::string& directory, AuditConfig& out);

// The path itself if it is absolute, else below directory.
std::string absolute_path(const std::string& directory, const std::string& path);

}  // namespace mcpgov
