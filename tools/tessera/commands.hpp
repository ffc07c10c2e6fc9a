#pragma once

namespace CLI {
class App;
}

/// The subcommands of `tessera`, one file each. Each adds itself to the application; what it runs throws
/// CLI::RuntimeError for an exit code, any other exception for exit code 1 with a message.
namespace tessera::cli {

void add_check_config(CLI::App& app);
void add_completion(CLI::App& app);
void add_demo(CLI::App& app);
void add_doctor(CLI::App& app);
void add_key_create(CLI::App& app);
void add_manual(CLI::App& app);
void add_migrate(CLI::App& app);
void add_package_create(CLI::App& app);
void add_serve(CLI::App& app);
void add_signing_key_rotate(CLI::App& app);
void add_tenant_create(CLI::App& app);
void add_user_create(CLI::App& app);
void add_verify(CLI::App& app);

} // namespace tessera::cli
