#include "actors/providers/sms_codes.hpp"

namespace tessera {

using enum delivery_failure;

sms_failure failure_of_refusal(int code, int status) {
  switch (code) {
  case 21610: return {permanent_recipient, true};  // answered STOP
  case 21211:                                      // no such number
  case 21214:                                      // can't be reached
  case 21217:                                      // no number at all
  case 21612:                                      // no way there
  case 21614: return {permanent_recipient, false}; // no mobile phone
  case 21611:                                      // the sender's queue is full
  case 20429:
  case 14107: return {transient, false}; // too many at once
  default: break;
  }
  const bool may_work_later = status == 408 || status == 429 || status >= 500;
  return {may_work_later ? transient : permanent_config, false};
}

sms_failure failure_of_carriage(int code) {
  switch (code) {
  case 21610: return {permanent_recipient, true};
  case 30004: // blocked
  case 30005: // nobody has it
  case 30006: // a landline
  case 30011: // takes no pictures, nor anything else
    return {permanent_recipient, false};
  case 30002: // our account is suspended
  case 30007: // filtered
  case 30034: // our number is not registered
    return {permanent_config, false};
  default: break; // 30001 a full queue, 30003 switched off, 30008 nobody knows, 0 nothing was said
  }
  return {transient, false};
}

} // namespace tessera
