// tessera completion: what to put where the shell looks for completions.
#include "tools/tessera/completion.hpp"

#include "tools/tessera/commands.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <functional>
#include <iostream>

namespace tessera::cli {

namespace {

using commands = std::vector<command_description>;

/// In single quotes; every shell of ours reads '\'' as one quote.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text)
    c == '\'' ? out += "'\\''" : out += c;
  return out += '\'';
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string out;
  for (const auto& word : words)
    (out += out.empty() ? "" : between) += word;
  return out;
}

/// The options of all commands for which `is` holds, once each, as alternatives of a `case`.
std::string alternatives(const commands& all, const std::function<bool(const option_description&)>& is) {
  std::vector<std::string> names;
  for (const auto& command : all)
    for (const auto& option : command.options)
      if (is(option) && std::ranges::find(names, option.name) == names.end()) names.push_back(option.name);
  return joined(names, "|");
}

bool takes_text(const option_description& option) {
  return !option.value.empty() && !takes_file(option);
}

/// "serve" behind nothing, "create" behind "key": what leads from a command to the next.
std::vector<std::string> steps(const commands& all) {
  std::vector<std::string> found;
  for (const auto& command : all)
    for (const auto& word : command.next)
      found.push_back(quoted(command.path + " " + word));
  return found;
}

/// The `case` that follows a command's words to the command: the same in bash and zsh.
std::string walk(const commands& all) {
  return "    case \"$place $word\" in\n      " + joined(steps(all), "|") +
         ") place=\"${place:+$place }$word\" ;;\n    esac\n";
}

std::string described(const std::string& name, const std::string& text) {
  std::string safe;
  for (const char c : text)
    c == ':' ? safe += "\\:" : safe += c;
  return quoted(name + ":" + safe);
}

const command_description& find(const commands& all, const std::string& path) {
  return *std::ranges::find(all, path, &command_description::path);
}

std::string below(const command_description& command, const std::string& word) {
  return command.path.empty() ? word : command.path + " " + word;
}

} // namespace

std::string bash_completion(const commands& all) {
  std::string out = "# bash completion of tessera, made by `tessera completion bash`\n"
                    "_tessera() {\n"
                    "  local current=${COMP_WORDS[COMP_CWORD]} place='' word words=''\n"
                    "  case ${COMP_WORDS[COMP_CWORD - 1]} in\n"
                    "    " +
                    alternatives(all, takes_file) +
                    ")\n"
                    "      mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
                    "      return ;;\n"
                    "    " +
                    alternatives(all, takes_text) +
                    ") return ;;\n"
                    "  esac\n"
                    "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD - 1}\"; do\n" +
                    walk(all) +
                    "  done\n"
                    "  case $place in\n";
  for (const auto& command : all) {
    auto words = command.next;
    for (const auto& option : command.options)
      words.push_back(option.name);
    out += "    " + quoted(command.path) + ") words=" + quoted(joined(words, " ")) + " ;;\n";
  }
  return out + "  esac\n"
               "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
               "}\n"
               "complete -o filenames -F _tessera tessera\n";
}

std::string zsh_completion(const commands& all) {
  std::string out = "#compdef tessera\n"
                    "# zsh completion of tessera, made by `tessera completion zsh`\n"
                    "_tessera() {\n"
                    "  local place='' word\n"
                    "  local -a next options\n"
                    "  case ${words[CURRENT - 1]} in\n"
                    "    " +
                    alternatives(all, takes_file) +
                    ") _files; return ;;\n"
                    "    " +
                    alternatives(all, takes_text) +
                    ") return ;;\n"
                    "  esac\n"
                    "  for word in \"${(@)words[2,CURRENT - 1]}\"; do\n" +
                    walk(all) +
                    "  done\n"
                    "  case $place in\n";
  for (const auto& command : all) {
    out += "    " + quoted(command.path) + ")\n      next=(";
    for (const auto& word : command.next)
      out += "\n        " + described(word, find(all, below(command, word)).text);
    out += ")\n      options=(";
    for (const auto& option : command.options)
      out += "\n        " + described(option.name, option.text);
    out += ") ;;\n";
  }
  return out + "  esac\n"
               "  (( ! $#next )) || _describe -t commands command next\n"
               "  _describe -o -t options option options\n"
               "}\n"
               "if [[ $funcstack[1] = _tessera ]]; then _tessera \"$@\"; else compdef _tessera tessera; fi\n";
}

std::string fish_completion(const commands& all) {
  std::string out = "# fish completion of tessera, made by `tessera completion fish`\n"
                    "function __tessera_at\n"
                    "  set -l place ''\n"
                    "  for word in (commandline -opc)[2..-1]\n"
                    "    switch \"$place $word\"\n"
                    "      case " +
                    joined(steps(all), " ") +
                    "\n"
                    "        set place (string trim \"$place $word\")\n"
                    "    end\n"
                    "  end\n"
                    "  test \"$place\" = \"$argv\"\n"
                    "end\n"
                    "complete -c tessera -f\n";
  for (const auto& command : all) {
    const auto here = "complete -c tessera -n " + quoted("__tessera_at " + command.path);
    for (const auto& word : command.next)
      out += here + " -a " + word + " -d " + quoted(find(all, below(command, word)).text) + '\n';
    for (const auto& option : command.options)
      out += here + " -l " + option.name.substr(2) +
             (takes_file(option)   ? " -rF"
              : takes_text(option) ? " -x"
                                   : "") +
             " -d " + quoted(option.text) + '\n';
  }
  return out;
}

void add_completion(CLI::App& app) {
  auto* command = app.add_subcommand("completion", "Print what lets a shell complete commands and options");
  command->require_subcommand(1);
  const auto add = [&app, command](const char* shell, auto script) {
    command->add_subcommand(shell, std::string("The script for ") + shell)->callback([&app, script] {
      std::cout << script(describe(app));
    });
  };
  add("bash", bash_completion);
  add("zsh", zsh_completion);
  add("fish", fish_completion);
}

} // namespace tessera::cli
