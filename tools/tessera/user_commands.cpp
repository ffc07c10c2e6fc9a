// user create, signing-key rotate
#include "actors/passwords/password_hash.hpp"
#include "http/auth/tokens/key_ring.hpp"
#include "tools/tessera/command_parts.hpp"
#include "tools/tessera/commands.hpp"
#include "tools/tessera/directory_admin.hpp"
#include "tools/tessera/owner_session.hpp"

#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace tessera::cli {

namespace {

/// The first line.
std::string line_of(std::istream& in) {
  std::string line;
  std::getline(in, line);
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) throw std::runtime_error("there is no password to be read");
  return line;
}

std::string password_in(const std::string& file) {
  if (file == "-") return line_of(std::cin);
  std::ifstream in(file);
  if (!in) throw std::runtime_error("the password's file can't be read");
  return line_of(in);
}

std::string is_role(const std::string& name) {
  return parse_user_role(name) ? "" : name + " is no role";
}

} // namespace

void add_user_create(CLI::App& app) {
  struct options : operator_options, user_request {
    std::string role_name = "user";
    std::string password_file;
  };
  auto chosen = std::make_shared<options>();
  auto* command = group(app, "user", "People").add_subcommand("create", "Make a user who can sign in");
  add_operator_options(*command, *chosen);
  command->add_option("--tenant", chosen->tenant, "The tenant's id")->required();
  command->add_option("--email", chosen->email, "What they sign in with")->required();
  command->add_option("--role", chosen->role_name, "tenant_admin, organization_admin, location_manager, user")
      ->capture_default_str()
      ->check(is_role);
  command->add_option("--first-name", chosen->first_name, "For people");
  command->add_option("--last-name", chosen->last_name, "For people");
  command->add_option("--entity", chosen->entities, "TYPE/ID:viewer or TYPE/ID:editor; repeatable");
  command->add_option("--application", chosen->applications, "That they may call; repeatable");
  command->add_option(
      "--password-file",
      chosen->password_file,
      "Its first line is the password; -: of standard input. Made and shown once when not given"
  );
  command->callback([chosen] {
    chosen->role = *parse_user_role(chosen->role_name);
    if (!chosen->password_file.empty()) chosen->password = password_in(chosen->password_file);
    pg::connection session(owner_session(chosen->database_url));
    session.open();
    const auto made = create_user(session, *chosen);
    if (chosen->password_file.empty())
      print(chosen->json, {{"userId", made.user_id}, {"password", made.password}});
    else
      print(chosen->json, {{"userId", made.user_id}});
  });
}

void add_signing_key_rotate(CLI::App& app) {
  struct options {
    std::string file = "var/signing-key.pem";
    bool json = false;
  };
  auto chosen = std::make_shared<options>();
  auto* command = group(app, "signing-key", "Keys of access tokens")
                      .add_subcommand("rotate", "Put a new key in front; the one before it still verifies");
  command->add_option("--file", chosen->file, "The keys' file")
      ->envname("TESSERA_AUTH_SIGNING_KEY_FILE")
      ->capture_default_str();
  command->add_flag("--json", chosen->json, "Answer as JSON");
  command->callback([chosen] {
    const auto keys = http::rotate_signing_keys(chosen->file);
    print(
        chosen->json,
        {{"signs", keys.front().id()}, {"verifies", keys.size() > 1 ? keys.back().id() : std::string()}}
    );
  });
}

} // namespace tessera::cli
