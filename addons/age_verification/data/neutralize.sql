-- A copy of the database must not ask real providers, nor believe them.
UPDATE age_provider
   SET state = 'disabled',
       api_key = NULL,
       api_secret = NULL,
       webhook_secret = NULL,
       yoti_sdk = NULL,
       yoti_public_key = NULL,
       simulator_private_key = NULL;
UPDATE age_session
   SET reference = NULL,
       reference_hash = NULL,
       start_url = NULL,
       is_forget_due = false;
