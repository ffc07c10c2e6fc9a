#pragma once

#include "actors/providers/sms_provider.hpp"
#include "actors/providers/spool_directory.hpp"

#include <string>

namespace tessera {

/// Puts each SMS into a file of its own, `ID.json`: `{id, to, from, text, segments}`.
class sms_spool final : public sms_provider {
public:
  sms_spool(std::string directory, std::string from);

  std::string_view name() const override { return "spool"; }
  delivery_outcome send(const outgoing_sms& message) override;

private:
  spool_directory directory_;
  std::string from_;
};

} // namespace tessera
