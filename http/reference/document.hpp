#pragma once

#include <string>
#include <string_view>
#include <yaml-cpp/yaml.h>

namespace tessera::reference {

/// The API document while the service is built. What is missing throws: the build then fails.
class api_document {
public:
  explicit api_document(const std::string& file) : root_(YAML::LoadFile(file)) {}

  YAML::Node operator[](const char* name) const { return root_[name]; }
  std::string json() const;
  /// What a reference to a component stands for; anything else is returned as it is.
  YAML::Node resolved(YAML::Node node) const;
  /// The name of the schema that it refers to; empty when it is no reference.
  static std::string schema_name(const YAML::Node& node);

private:
  YAML::Node root_;
};

/// The text there, or nothing.
std::string text_of(const YAML::Node& node);
/// The value as JSON, in one line or indented.
std::string json_of(const YAML::Node& node);
std::string indented_json_of(const YAML::Node& node, int depth = 0);

} // namespace tessera::reference
