#include "actors/payment/methods.hpp"

#include "actors/payment/once.hpp"
#include "actors/support/form.hpp"
#include "persistence/stores/call_keys.hpp"
#include "persistence/stores/payment_method_store.hpp"
#include "persistence/stores/payment_store.hpp"

#include <spdlog/spdlog.h>

#include <memory>
#include <utility>

namespace tessera {

namespace {

/// What the provider's word about a method is to the caller.
rejection refusal_of(const method_answer& said) {
  switch (said.word) {
  case provider_word::declined:
  case provider_word::authenticate:
    return rejection(errc::payment_declined, std::string(words_for_decline(said.code)));
  case provider_word::refused: return errc::payment_method_unknown;
  case provider_word::yes:
  case provider_word::unavailable: break;
  }
  return errc::payment_provider_unavailable;
}

/// One method on its way to the provider. Lives as long as its callbacks.
class attaching : public std::enable_shared_from_this<attaching> {
public:
  attaching(desk_core& core, attach_method command, answer_of<saved_method> answer)
      : core_(core), command_(std::move(command)), answer_(std::move(answer)) {}

  /// A key that was used gets what it got: its method, if that is still here.
  void begin() {
    core_.in_transaction<start>(
        command_.tenant,
        [self = shared_from_this()](result<start> what) {
          if (!what) return self->answer_(what.why());
          if (what->first) return self->answer_(std::move(*what->first));
          self->tenant_name_ = what->tenant_name;
          self->known_ = what->customer;
          what->customer.empty() ? self->make_customer() : self->attach(what->customer);
        },
        [self = shared_from_this()](pg::transaction& in) { return self->look(in); }
    );
  }

private:
  struct start {
    std::optional<saved_method> first;
    std::string customer;
    std::string tenant_name;
  };

  result<start> look(pg::transaction& in) const {
    const auto first = persistence::begin_call(in, command_.tenant, command_.idempotency);
    if (!first) return first.why();
    start what;
    if (*first && !(*first)->resource.empty()) {
      what.first = persistence::find_method(in, {command_.tenant, (*first)->resource});
      if (!what.first) return errc::payment_method_unknown;
    }
    what.customer = persistence::customer_of(in, command_.tenant, command_.account);
    what.tenant_name = persistence::name_of_tenant(in, command_.tenant);
    return what;
  }

  void make_customer() {
    is_renewed_ = true;
    auto request = core_.stripe.new_customer(tenant_name_, command_.account, command_.entity);
    core_.provider.send(std::move(request), [self = shared_from_this()](const outgoing_outcome& outcome) {
      const auto made = read_object_answer(outcome);
      if (made.word != provider_word::yes || made.id.empty())
        return self->answer_(errc::payment_provider_unavailable);
      self->keep_customer(made.id);
    });
  }

  void keep_customer(const std::string& id) {
    core_.in_transaction<std::string>(
        command_.tenant,
        [self = shared_from_this()](result<std::string> customer) {
          customer ? self->attach(*customer) : self->answer_(customer.why());
        },
        [self = shared_from_this(), id](pg::transaction& in) {
          return result<std::string>(
              persistence::keep_customer(in, self->command_.tenant, self->command_.account, id, self->known_)
          );
        }
    );
  }

  /// The same method and customer are the same question, whoever asks it; a test method is another each time.
  void attach(const std::string& customer) {
    auto name = command_.idempotency ? to_string(command_.idempotency->key) : to_string(core_.new_id());
    auto request = core_.stripe.attach(command_.method_id, customer, "attach-" + std::move(name));
    core_.provider.send(std::move(request), [self = shared_from_this()](const outgoing_outcome& outcome) {
      auto said = read_method_answer(outcome);
      if (said.word != provider_word::yes) return self->answer_(refusal_of(said));
      self->keep(std::move(said.method));
    });
  }

  void keep(saved_method method) {
    method.is_default = command_.make_default;
    core_.in_transaction<saved_method>(
        command_.tenant,
        answer_,
        [command = command_, method](pg::transaction& in) -> result<saved_method> {
          if (!persistence::keep_method(in, command.tenant, command.account, method))
            return errc::payment_method_unknown;
          persistence::finish_call(in, command.idempotency, method.method_id);
          auto kept = persistence::find_method(in, {command.tenant, method.method_id});
          if (!kept) return errc::payment_method_unknown;
          return std::move(*kept);
        }
    );
  }

  desk_core& core_;
  attach_method command_;
  answer_of<saved_method> answer_;
  std::string tenant_name_;
  std::string known_; // customer
  bool is_renewed_ = false;
};

} // namespace

void attach(desk_core& core, attach_method command, answer_of<saved_method> answer) {
  std::make_shared<attaching>(core, std::move(command), std::move(answer))->begin();
}

void detach(desk_core& core, repeatable<detach_method, method_removed> call, answer_of<kept_answer> answer) {
  const auto tenant = call.command.tenant;
  const auto method = call.command.method_id;
  core.in_transaction<kept_answer>(
      tenant,
      [&core, method, answer = std::move(answer)](result<kept_answer> told) {
        if (told && !told->replayed)
          core.provider.send(core.stripe.detach(method), [method](const auto& outcome) {
            if (!outcome.succeeded()) spdlog::warn("the provider still keeps the method {}", method);
          });
        answer(std::move(told));
      },
      [call = std::move(call)](pg::transaction& in) {
        return once(
            in,
            call,
            [](pg::transaction& now, const detach_method& command) -> result<method_removed> {
              if (!persistence::find_method(now, {command.tenant, command.method_id}))
                return errc::payment_method_unknown;
              persistence::forget_method(now, command.tenant, command.method_id);
              return method_removed{command.method_id};
            }
        );
      }
  );
}

} // namespace tessera
