#include "actors/providers/mail_spool.hpp"

#include <utility>

namespace tessera {

mail_spool::mail_spool(std::string directory) : directory_(std::move(directory)) {}

delivery_outcome mail_spool::send(const outgoing_mail& message) {
  return directory_.put(message.id + ".eml", message.bytes);
}

} // namespace tessera
