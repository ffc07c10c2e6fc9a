#pragma once

#include "actors/providers/mail_provider.hpp"
#include "actors/providers/spool_directory.hpp"

#include <string>

namespace tessera {

/// Puts each mail into a file of its own, `ID.eml`, whole or not at all; the same mail once more has the same
/// file. For a machine without a mail server, and for whoever takes it on from there.
class mail_spool final : public mail_provider {
public:
  /// Makes the directory, for its owner alone. Throws std::runtime_error when it can't.
  explicit mail_spool(std::string directory);

  std::string_view name() const override { return "spool"; }
  delivery_outcome send(const outgoing_mail& message) override;

private:
  spool_directory directory_;
};

} // namespace tessera
