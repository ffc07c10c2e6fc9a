#pragma once

#include "http/auth/caller.hpp"
#include "http/routes/service.hpp"
#include "messages/invitation_jobs.hpp"

/// Many invitations at once.
namespace tessera::http {

caller_handler submit_invitations_in_bulk(service& with);
caller_handler invitation_job_progress(service& with);
caller_handler pause_invitation_job(service& with);
caller_handler resume_invitation_job(service& with);
caller_handler cancel_invitation_job(service& with);

/// What a single call would have been answered, for the rows of a job.
job_refusal word_rejection(const rejection& why);
job_refusal word_refusal(const invitation_refusal& why);

} // namespace tessera::http
