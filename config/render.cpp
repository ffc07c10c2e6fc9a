#include "config/keys.hpp"
#include "config/load.hpp"

namespace tessera::config {

namespace {

std::string_view section_of(const key& k) {
  const auto dot = k.name.find('.');
  return dot == k.name.npos ? std::string_view{} : k.name.substr(0, dot);
}

std::string_view last_name_of(const key& k) {
  const auto dot = k.name.find('.');
  return dot == k.name.npos ? k.name : k.name.substr(dot + 1);
}

/// Opens the key's section when it is another one than the last key's.
void open_section(std::string& out, std::string_view& current, const key& k) {
  if (const auto section = section_of(k); section != current) {
    current = section;
    ((out += "\n[") += section) += "]\n";
  }
}

} // namespace

std::string render(const settings& current) {
  std::string out;
  std::string_view section;
  for (const auto& k : keys()) {
    open_section(out, section, k);
    ((((out += last_name_of(k)) += " = ") += k.show(current))) += '\n';
  }
  return out;
}

std::string render_example() {
  const settings defaults;
  std::string out =
      "# Every key with its default. The environment variable named beside a key wins over this file, a "
      "flag\n"
      "# wins over both. `tessera check-config` shows what is in force and every mistake at once.\n";
  std::string_view section;
  for (const auto& k : keys()) {
    open_section(out, section, k);
    ((((out += "\n# ") += k.doc) += "  [") += variable_of(k)) += "]\n";
    if (k.visibility == secrecy::hidden) out += "# A secret: only by that variable or by the file below.\n";
    ((((out += "# ") += last_name_of(k)) += " = ") += k.show(defaults)) += '\n';
  }
  return out;
}

} // namespace tessera::config
