#include "tools/tessera/command_description.hpp"

#include <CLI/CLI.hpp>

namespace tessera::cli {

namespace {

option_description describe(const CLI::Option& option) {
  const auto variable = option.get_envname();
  return {
      .name = option.get_name(),
      .value = option.get_items_expected_max() == 0 ? "" : option.get_type_name(),
      .text = option.get_description() + (variable.empty() ? "" : " [" + variable + "]"),
      .group = option.get_group(),
      .required = option.get_required(),
  };
}

void describe_below(
    const CLI::App& command, const std::string& path, std::vector<command_description>& into
) {
  const auto here = into.size();
  into.push_back({.path = path, .text = command.get_description(), .options = {}, .next = {}});
  for (const auto* option : command.get_options([](const CLI::Option* one) { return one->nonpositional(); }))
    into[here].options.push_back(describe(*option));
  for (const auto* one : command.get_subcommands([](const CLI::App*) { return true; })) {
    into[here].next.push_back(one->get_name());
    describe_below(*one, path.empty() ? one->get_name() : path + " " + one->get_name(), into);
  }
}

} // namespace

std::vector<command_description> describe(const CLI::App& program) {
  std::vector<command_description> all;
  describe_below(program, "", all);
  return all;
}

bool takes_file(const option_description& option) {
  return option.value == "FILE" || option.name.ends_with("-file");
}

} // namespace tessera::cli
