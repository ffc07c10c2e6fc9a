#include "tools/tessera/commands.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>

int main(int argc, char** argv) {
  CLI::App app("Prepaid credits: sold, allocated and metered, exactly.", "tessera");
  app.set_version_flag("--version", TESSERA_VERSION);
  app.require_subcommand(1);
  using namespace tessera::cli;
  for (const auto add :
       {add_serve,
        add_migrate,
        add_check_config,
        add_tenant_create,
        add_user_create,
        add_key_create,
        add_signing_key_rotate,
        add_package_create,
        add_demo,
        add_verify,
        add_doctor,
        add_completion,
        add_manual})
    add(app);
  try {
    app.parse(argc, argv);
    return EXIT_SUCCESS;
  } catch (const CLI::ParseError& stop) {
    const int code = app.exit(stop);
    return code == 0 || stop.get_name() == "RuntimeError" ? code : 2; // 2: the command line was wrong
  } catch (const std::exception& why) {
    std::cerr << "tessera: " << why.what() << '\n';
    return 1;
  }
}
