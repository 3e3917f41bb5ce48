-- Frozen for v1_validate: python -m rently_db.migrate.freeze v1

--: comment analytics_setting
COMMENT ON TABLE public.analytics_setting IS 'A setting of the figures: group currency, maximum age of a rate, credit conversion; one row per key and period.';

--: comment analytics_setting id
COMMENT ON COLUMN public.analytics_setting.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment analytics_setting key
COMMENT ON COLUMN public.analytics_setting.key IS 'Name of the setting.';

--: comment analytics_setting value
COMMENT ON COLUMN public.analytics_setting.value IS 'The value; its JSON type depends on the key.';

--: comment analytics_setting valid_from
COMMENT ON COLUMN public.analytics_setting.valid_from IS 'First day on which the rule holds.';

--: comment analytics_setting valid_through
COMMENT ON COLUMN public.analytics_setting.valid_through IS 'First day on which the rule no longer holds. NULL: it holds until further notice.';

--: comment analytics_setting source
COMMENT ON COLUMN public.analytics_setting.source IS 'Where the rule comes from: circular, policy, contract or decision.';

--: comment analytics_setting needs_signoff
COMMENT ON COLUMN public.analytics_setting.needs_signoff IS 'True while the value is a placeholder that risk or finance has not confirmed.';

--: comment classification_rule
COMMENT ON TABLE public.classification_rule IS 'From how many days past due a loan is in a class; one row per country, class and period.';

--: comment classification_rule id
COMMENT ON COLUMN public.classification_rule.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment classification_rule country_code
COMMENT ON COLUMN public.classification_rule.country_code IS 'Country whose regulator''s rule it is, ISO 3166-1 alpha-2.';

--: comment classification_rule class
COMMENT ON COLUMN public.classification_rule."class" IS 'Class of the loan, e.g. substandard.';

--: comment classification_rule threshold_days
COMMENT ON COLUMN public.classification_rule.threshold_days IS 'Days past due at the class''s lower edge, >= 0.';

--: comment classification_rule operator
COMMENT ON COLUMN public.classification_rule.operator IS 'Whether the class begins at threshold_days (or_more) or on the day after (more_than).';

--: comment classification_rule probation_days
COMMENT ON COLUMN public.classification_rule.probation_days IS 'Days of good conduct before the loan may leave the class, >= 0.';

--: comment classification_rule valid_from
COMMENT ON COLUMN public.classification_rule.valid_from IS 'First day on which the rule holds.';

--: comment classification_rule valid_through
COMMENT ON COLUMN public.classification_rule.valid_through IS 'First day on which the rule no longer holds. NULL: it holds until further notice.';

--: comment classification_rule source
COMMENT ON COLUMN public.classification_rule.source IS 'Where the rule comes from: circular, policy, contract or decision.';

--: comment classification_rule needs_signoff
COMMENT ON COLUMN public.classification_rule.needs_signoff IS 'True while the value is a placeholder that risk or finance has not confirmed.';

--: comment currency
COMMENT ON TABLE public.currency IS 'A currency that the group may deal in; one row per ISO 4217 code.';

--: comment currency code
COMMENT ON COLUMN public.currency.code IS 'Code of the currency, ISO 4217.';

--: comment currency name
COMMENT ON COLUMN public.currency.name IS 'Name of the currency in English.';

--: comment currency minor_units
COMMENT ON COLUMN public.currency.minor_units IS 'Decimals of the smallest unit, 0 to 4: 2 for SGD, 0 for JPY.';

--: comment dpd_bucket
COMMENT ON TABLE public.dpd_bucket IS 'A range of days past due that reports group loans by; one row per scheme, range and period.';

--: comment dpd_bucket id
COMMENT ON COLUMN public.dpd_bucket.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment dpd_bucket scheme
COMMENT ON COLUMN public.dpd_bucket.scheme IS 'Set of buckets that belong together and cover all days past due.';

--: comment dpd_bucket label
COMMENT ON COLUMN public.dpd_bucket.label IS 'Name of the bucket in reports, e.g. 31-60.';

--: comment dpd_bucket sort
COMMENT ON COLUMN public.dpd_bucket.sort IS 'Position of the bucket within its scheme, >= 0.';

--: comment dpd_bucket days
COMMENT ON COLUMN public.dpd_bucket.days IS 'Days past due in the bucket, from 0; the last bucket has no upper bound.';

--: comment dpd_bucket valid_from
COMMENT ON COLUMN public.dpd_bucket.valid_from IS 'First day on which the rule holds.';

--: comment dpd_bucket valid_through
COMMENT ON COLUMN public.dpd_bucket.valid_through IS 'First day on which the rule no longer holds. NULL: it holds until further notice.';

--: comment dpd_bucket source
COMMENT ON COLUMN public.dpd_bucket.source IS 'Where the rule comes from: circular, policy, contract or decision.';

--: comment dpd_bucket needs_signoff
COMMENT ON COLUMN public.dpd_bucket.needs_signoff IS 'True while the value is a placeholder that risk or finance has not confirmed.';

--: comment provision_rate
COMMENT ON TABLE public.provision_rate IS 'What fraction of an exposure is set aside; one row per country, product category (or all), class and period.';

--: comment provision_rate id
COMMENT ON COLUMN public.provision_rate.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment provision_rate country_code
COMMENT ON COLUMN public.provision_rate.country_code IS 'Country of the lending company, ISO 3166-1 alpha-2.';

--: comment provision_rate product_category
COMMENT ON COLUMN public.provision_rate.product_category IS 'Category the rate is for. NULL: every category that has no row of its own.';

--: comment provision_rate class
COMMENT ON COLUMN public.provision_rate."class" IS 'Class or stage of the loan, as classification_rule names it.';

--: comment provision_rate rate
COMMENT ON COLUMN public.provision_rate.rate IS 'Fraction of the exposure after collateral, 0 to 1: 0.2000 is 20 %.';

--: comment provision_rate valid_from
COMMENT ON COLUMN public.provision_rate.valid_from IS 'First day on which the rule holds.';

--: comment provision_rate valid_through
COMMENT ON COLUMN public.provision_rate.valid_through IS 'First day on which the rule no longer holds. NULL: it holds until further notice.';

--: comment provision_rate source
COMMENT ON COLUMN public.provision_rate.source IS 'Where the rule comes from: circular, policy, contract or decision.';

--: comment provision_rate needs_signoff
COMMENT ON COLUMN public.provision_rate.needs_signoff IS 'True while the value is a placeholder that risk or finance has not confirmed.';

--: comment schema_version
COMMENT ON TABLE public.schema_version IS 'A released version of this schema that the database has reached; one row per version.';

--: comment schema_version version
COMMENT ON COLUMN public.schema_version.version IS 'Name of the version, e.g. v1.';

--: comment schema_version applied_at
COMMENT ON COLUMN public.schema_version.applied_at IS 'Moment when the database reached it.';

--: comment schema_version description
COMMENT ON COLUMN public.schema_version.description IS 'What the version brought.';

--: comment status_value
COMMENT ON TABLE public.status_value IS 'A value that a status may have: value sets that live in data; one row per aspect and value.';

--: comment status_value status_type
COMMENT ON COLUMN public.status_value.status_type IS 'Aspect, e.g. collections_stage.';

--: comment status_value status_value
COMMENT ON COLUMN public.status_value.status_value IS 'Value, e.g. overdue.';

--: comment status_value label
COMMENT ON COLUMN public.status_value.label IS 'Name of the value in reports.';

--: comment status_value sort
COMMENT ON COLUMN public.status_value.sort IS 'Position of the value within its aspect, >= 0; higher is worse or later.';

--: comment product_limit
COMMENT ON TABLE public.product_limit IS 'What a loan of a product, or of a category, may be; one row per product or category, country and period.';

--: comment product_limit id
COMMENT ON COLUMN public.product_limit.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment product_limit product_id
COMMENT ON COLUMN public.product_limit.product_id IS 'Product that is limited; stronger than a limit of its category. NULL: see product_category.';

--: comment product_limit product_category
COMMENT ON COLUMN public.product_limit.product_category IS 'Category that is limited. NULL: see product_id.';

--: comment product_limit country_code
COMMENT ON COLUMN public.product_limit.country_code IS 'Country of the lending company, ISO 3166-1 alpha-2.';

--: comment product_limit min_amount
COMMENT ON COLUMN public.product_limit.min_amount IS 'Smallest principal, in the country''s functional currency, >= 0. NULL: no limit.';

--: comment product_limit max_amount
COMMENT ON COLUMN public.product_limit.max_amount IS 'Largest principal, in the country''s functional currency, > 0. NULL: no limit.';

--: comment product_limit max_tenor_months
COMMENT ON COLUMN public.product_limit.max_tenor_months IS 'Longest term in months, > 0. NULL: no limit.';

--: comment product_limit max_rate
COMMENT ON COLUMN public.product_limit.max_rate IS 'Highest interest per year as a fraction: 0.2400 is 24 %. NULL: no limit.';

--: comment product_limit max_total_fee_pct
COMMENT ON COLUMN public.product_limit.max_total_fee_pct IS 'Highest sum of all fees as a fraction of the principal: 0.1000 is 10 %. NULL: no limit.';

--: comment product_limit valid_from
COMMENT ON COLUMN public.product_limit.valid_from IS 'First day on which the rule holds.';

--: comment product_limit valid_through
COMMENT ON COLUMN public.product_limit.valid_through IS 'First day on which the rule no longer holds. NULL: it holds until further notice.';

--: comment product_limit source
COMMENT ON COLUMN public.product_limit.source IS 'Where the rule comes from: circular, policy, contract or decision.';

--: comment product_limit needs_signoff
COMMENT ON COLUMN public.product_limit.needs_signoff IS 'True while the value is a placeholder that risk or finance has not confirmed.';

--: comment status_transition
COMMENT ON TABLE public.status_transition IS 'A change of status that is normal, others are reported; one row per entity, aspect, pair of values and period.';

--: comment status_transition id
COMMENT ON COLUMN public.status_transition.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment status_transition entity
COMMENT ON COLUMN public.status_transition.entity IS 'Table whose rows change, e.g. loan.';

--: comment status_transition status_type
COMMENT ON COLUMN public.status_transition.status_type IS 'Aspect that changes, e.g. collections_stage.';

--: comment status_transition from
COMMENT ON COLUMN public.status_transition."from" IS 'Value before the change. NULL: the first value a row may get.';

--: comment status_transition to
COMMENT ON COLUMN public.status_transition."to" IS 'Value after the change.';

--: comment status_transition valid_from
COMMENT ON COLUMN public.status_transition.valid_from IS 'First day on which the rule holds.';

--: comment status_transition valid_through
COMMENT ON COLUMN public.status_transition.valid_through IS 'First day on which the rule no longer holds. NULL: it holds until further notice.';

--: comment status_transition source
COMMENT ON COLUMN public.status_transition.source IS 'Where the rule comes from: circular, policy, contract or decision.';

--: comment status_transition needs_signoff
COMMENT ON COLUMN public.status_transition.needs_signoff IS 'True while the value is a placeholder that risk or finance has not confirmed.';

--: comment journal_entry
COMMENT ON TABLE public.journal_entry IS 'A booking; its ledger entries have one company and balance in each currency. One row per booking.';

--: comment journal_entry id
COMMENT ON COLUMN public.journal_entry.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment journal_entry legal_entity_id
COMMENT ON COLUMN public.journal_entry.legal_entity_id IS 'Company whose books it is in.';

--: comment journal_entry effective_date
COMMENT ON COLUMN public.journal_entry.effective_date IS 'Business date of the booking.';

--: comment journal_entry description
COMMENT ON COLUMN public.journal_entry.description IS 'What is booked, and why.';

--: comment journal_entry created_at
COMMENT ON COLUMN public.journal_entry.created_at IS 'Moment when the row was written.';

--: comment journal_entry created_by
COMMENT ON COLUMN public.journal_entry.created_by IS 'Party that booked it. NULL: a system.';

--: comment loan_flag
COMMENT ON TABLE public.loan_flag IS 'A judgement about a loan that classification, staging or days past due take into account; one row per period.';

--: comment loan_flag id
COMMENT ON COLUMN public.loan_flag.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment loan_flag loan_id
COMMENT ON COLUMN public.loan_flag.loan_id IS 'Loan that is judged.';

--: comment loan_flag flag
COMMENT ON COLUMN public.loan_flag.flag IS 'The judgement. Days of a payment_pause do not count as days past due.';

--: comment loan_flag effective_from
COMMENT ON COLUMN public.loan_flag.effective_from IS 'First day on which it holds.';

--: comment loan_flag effective_through
COMMENT ON COLUMN public.loan_flag.effective_through IS 'First day on which it no longer holds. NULL: it still holds.';

--: comment loan_flag reason
COMMENT ON COLUMN public.loan_flag.reason IS 'Why it was set.';

--: comment loan_flag created_at
COMMENT ON COLUMN public.loan_flag.created_at IS 'Moment when the row was written.';

--: comment loan_status_history
COMMENT ON TABLE public.loan_status_history IS 'What one aspect of a loan was, from when to when; one row per loan, aspect and period. Periods never overlap.';

--: comment loan_status_history id
COMMENT ON COLUMN public.loan_status_history.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment loan_status_history loan_id
COMMENT ON COLUMN public.loan_status_history.loan_id IS 'Loan whose status it is.';

--: comment loan_status_history status_type
COMMENT ON COLUMN public.loan_status_history.status_type IS 'Aspect of the loan that the status describes.';

--: comment loan_status_history status_value
COMMENT ON COLUMN public.loan_status_history.status_value IS 'The status: one of the values that table status_value lists for the aspect.';

--: comment loan_status_history effective_from
COMMENT ON COLUMN public.loan_status_history.effective_from IS 'Moment from which the status holds. Trigger keep_status_history puts it behind the start of the one it ends. For loans from before v1: the loan''s start_date.';

--: comment loan_status_history effective_through
COMMENT ON COLUMN public.loan_status_history.effective_through IS 'Moment from which the status no longer holds: trigger keep_status_history writes it when the next begins. NULL: open.';

--: comment loan_status_history reason
COMMENT ON COLUMN public.loan_status_history.reason IS 'Why the status changed.';

--: comment loan_status_history created_by
COMMENT ON COLUMN public.loan_status_history.created_by IS 'Party that changed it. NULL: a system.';

--: comment loan_status_history created_at
COMMENT ON COLUMN public.loan_status_history.created_at IS 'Moment when the row was written. NULL: derived from a loan from before v1.';

--: comment loan_transfers
COMMENT ON TABLE public.loan_transfers IS 'A balance that moves from one loan to another; one row per transfer.';

--: comment loan_transfers id
COMMENT ON COLUMN public.loan_transfers.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment loan_transfers source_loan_id
COMMENT ON COLUMN public.loan_transfers.source_loan_id IS 'Loan that the balance leaves.';

--: comment loan_transfers target_loan_id
COMMENT ON COLUMN public.loan_transfers.target_loan_id IS 'Loan that takes the balance over. NULL: not yet granted.';

--: comment loan_transfers transfer_type
COMMENT ON COLUMN public.loan_transfers.transfer_type IS 'Why the balance moves.';

--: comment loan_transfers transfer_amount
COMMENT ON COLUMN public.loan_transfers.transfer_amount IS 'Balance that moves, in the source loan''s currency, > 0.';

--: comment loan_transfers transfer_date
COMMENT ON COLUMN public.loan_transfers.transfer_date IS 'Business date of the transfer.';

--: comment loan_transfers reason
COMMENT ON COLUMN public.loan_transfers.reason IS 'Why, in words.';

--: comment loan_transfers status
COMMENT ON COLUMN public.loan_transfers.status IS 'Where the transfer stands.';

--: comment loan_transfers approved_by
COMMENT ON COLUMN public.loan_transfers.approved_by IS 'Party that approved it. NULL: nobody yet.';

--: comment loan_transfers created_at
COMMENT ON COLUMN public.loan_transfers.created_at IS 'Moment when the row was written.';

--: comment loan_transfers completed_at
COMMENT ON COLUMN public.loan_transfers.completed_at IS 'Moment when both loans were booked. NULL: not completed.';

--: comment loan_transfers updated_at
COMMENT ON COLUMN public.loan_transfers.updated_at IS 'Moment of the row''s last change, written by trigger set_updated_at. NULL: not changed since before v1.';

--: comment payment_disputes
COMMENT ON TABLE public.payment_disputes IS 'A payment, or a missing one, that somebody contests; one row per dispute.';

--: comment payment_disputes id
COMMENT ON COLUMN public.payment_disputes.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment payment_disputes payment_id
COMMENT ON COLUMN public.payment_disputes.payment_id IS 'Payment in dispute. NULL: it never arrived.';

--: comment payment_disputes loan_id
COMMENT ON COLUMN public.payment_disputes.loan_id IS 'Loan in dispute.';

--: comment payment_disputes dispute_type
COMMENT ON COLUMN public.payment_disputes.dispute_type IS 'What is contested.';

--: comment payment_disputes expected_amount
COMMENT ON COLUMN public.payment_disputes.expected_amount IS 'What the payment should have been, in the loan''s currency, > 0.';

--: comment payment_disputes actual_amount
COMMENT ON COLUMN public.payment_disputes.actual_amount IS 'What it was, in the loan''s currency, > 0.';

--: comment payment_disputes status
COMMENT ON COLUMN public.payment_disputes.status IS 'Where the dispute stands.';

--: comment payment_disputes reported_by
COMMENT ON COLUMN public.payment_disputes.reported_by IS 'Party that contests.';

--: comment payment_disputes assigned_to
COMMENT ON COLUMN public.payment_disputes.assigned_to IS 'Party that investigates. NULL: nobody yet.';

--: comment payment_disputes priority
COMMENT ON COLUMN public.payment_disputes.priority IS 'How urgent the dispute is.';

--: comment payment_disputes created_at
COMMENT ON COLUMN public.payment_disputes.created_at IS 'Moment when the row was written.';

--: comment payment_disputes resolved_at
COMMENT ON COLUMN public.payment_disputes.resolved_at IS 'Moment of the resolution. NULL: not resolved.';

--: comment payment_disputes resolution_notes
COMMENT ON COLUMN public.payment_disputes.resolution_notes IS 'How it was resolved.';

--: comment payment_disputes updated_at
COMMENT ON COLUMN public.payment_disputes.updated_at IS 'Moment of the row''s last change, written by trigger set_updated_at. NULL: not changed since before v1.';

--: comment loan_adjustment
COMMENT ON TABLE public.loan_adjustment IS 'A change of what is owed on a loan that is no payment: waiver, write-off, refund, transfer; one row per decision.';

--: comment loan_adjustment id
COMMENT ON COLUMN public.loan_adjustment.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment loan_adjustment loan_id
COMMENT ON COLUMN public.loan_adjustment.loan_id IS 'Loan that is adjusted.';

--: comment loan_adjustment line_id
COMMENT ON COLUMN public.loan_adjustment.line_id IS 'Instalment that is adjusted. NULL: the loan as a whole.';

--: comment loan_adjustment component
COMMENT ON COLUMN public.loan_adjustment.component IS 'Part of the debt that is adjusted.';

--: comment loan_adjustment kind
COMMENT ON COLUMN public.loan_adjustment.kind IS 'Why the debt changes; it also decides the direction.';

--: comment loan_adjustment amount
COMMENT ON COLUMN public.loan_adjustment.amount IS 'Amount in the loan''s currency, > 0: a waiver, write-off or transfer lowers what is owed by it, a refund raises it again.';

--: comment loan_adjustment effective_date
COMMENT ON COLUMN public.loan_adjustment.effective_date IS 'Business date from which figures count it.';

--: comment loan_adjustment reason
COMMENT ON COLUMN public.loan_adjustment.reason IS 'Why it was decided.';

--: comment loan_adjustment created_by
COMMENT ON COLUMN public.loan_adjustment.created_by IS 'Party that entered it. NULL: a system.';

--: comment loan_adjustment created_at
COMMENT ON COLUMN public.loan_adjustment.created_at IS 'Moment when the row was written.';

--: comment legal_entity
COMMENT ON TABLE public.legal_entity IS 'A company of the group that lends, is paid and keeps its own books; one row per company.';

--: comment legal_entity id
COMMENT ON COLUMN public.legal_entity.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment legal_entity name
COMMENT ON COLUMN public.legal_entity.name IS 'Registered name of the company.';

--: comment legal_entity registration_no
COMMENT ON COLUMN public.legal_entity.registration_no IS 'Number in the companies register of its country.';

--: comment legal_entity country_code
COMMENT ON COLUMN public.legal_entity.country_code IS 'Country of registration, ISO 3166-1 alpha-2; decides which rules apply.';

--: comment legal_entity functional_ccy
COMMENT ON COLUMN public.legal_entity.functional_ccy IS 'Currency in which the company keeps its books, ISO 4217.';

--: comment legal_entity created_at
COMMENT ON COLUMN public.legal_entity.created_at IS 'Moment when the row was written. NULL: before v1, unknown.';

--: comment legal_entity updated_at
COMMENT ON COLUMN public.legal_entity.updated_at IS 'Moment of the row''s last change, written by trigger set_updated_at. NULL: not changed since before v1.';

--: comment legal_entity time_zone
COMMENT ON COLUMN public.legal_entity.time_zone IS 'IANA time zone whose local date is the company''s business date. Left NULL, the bridge trigger of legal_entity derives it from country_code: SG Asia/Singapore, AE Asia/Dubai.';

--: comment product
COMMENT ON TABLE public.product IS 'What a customer can apply for; one row per product code.';

--: comment product id
COMMENT ON COLUMN public.product.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment product code
COMMENT ON COLUMN public.product.code IS 'Short name that contracts and other systems use, e.g. RC_D2C_001.';

--: comment product name
COMMENT ON COLUMN public.product.name IS 'Name shown to customers.';

--: comment product description
COMMENT ON COLUMN public.product.description IS 'What the product is, in a few sentences.';

--: comment product category
COMMENT ON COLUMN public.product.category IS 'Family of the product. For products from before v1: by the prefix of the code, or the operator''s map.';

--: comment product subcategory
COMMENT ON COLUMN public.product.subcategory IS 'Finer division within the category, free text.';

--: comment product business_unit
COMMENT ON COLUMN public.product.business_unit IS 'Side of the business that answers for the product. Before v1: from the category.';

--: comment product is_active
COMMENT ON COLUMN public.product.is_active IS 'False once the product is no longer offered.';

--: comment product created_at
COMMENT ON COLUMN public.product.created_at IS 'Moment when the row was written. NULL: before v1, unknown.';

--: comment product updated_at
COMMENT ON COLUMN public.product.updated_at IS 'Moment of the row''s last change, written by trigger set_updated_at. NULL: not changed since before v1.';

--: comment product grace_days
COMMENT ON COLUMN public.product.grace_days IS 'Days after a due date that do not count as days past due.';

--: comment product tolerance_amount
COMMENT ON COLUMN public.product.tolerance_amount IS 'Unpaid remainder of an instalment up to which it counts as paid, in the loan''s currency, >= 0.';

--: comment product tolerance_pct
COMMENT ON COLUMN public.product.tolerance_pct IS 'Unpaid remainder of an instalment up to which it counts as paid, as a fraction of the instalment: 0.0100 is 1 %.';

--: comment party
COMMENT ON TABLE public.party IS 'A person or company the group deals with: borrower, guarantor, landlord, agent; one row per person or company.';

--: comment party id
COMMENT ON COLUMN public.party.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment party kind
COMMENT ON COLUMN public.party.kind IS 'What the party is by itself; its part in a loan is in party_role.';

--: comment party display_name
COMMENT ON COLUMN public.party.display_name IS 'Name to show. Personal data; no key: two people may share a name.';

--: comment party email
COMMENT ON COLUMN public.party.email IS 'E-mail address. Personal data.';

--: comment party phone
COMMENT ON COLUMN public.party.phone IS 'Telephone number as given. Personal data.';

--: comment party external_ref
COMMENT ON COLUMN public.party.external_ref IS 'The party''s identifier in the system it came from.';

--: comment party kyc_identifier
COMMENT ON COLUMN public.party.kyc_identifier IS 'Identity document or company number checked for KYC. Personal data.';

--: comment party is_active
COMMENT ON COLUMN public.party.is_active IS 'False once the group no longer deals with the party.';

--: comment party created_at
COMMENT ON COLUMN public.party.created_at IS 'Moment when the row was written. NULL: before v1, unknown.';

--: comment party updated_at
COMMENT ON COLUMN public.party.updated_at IS 'Moment of the row''s last change, written by trigger set_updated_at. NULL: not changed since before v1.';

--: comment party obligor_group_id
COMMENT ON COLUMN public.party.obligor_group_id IS 'Party that stands for the group of connected obligors this one belongs to: exposures and days past due add up over the group. NULL: the party is its own group.';

--: comment payment_instrument
COMMENT ON TABLE public.payment_instrument IS 'A bank account, card or wallet by which a party pays or is paid; one row per instrument.';

--: comment payment_instrument id
COMMENT ON COLUMN public.payment_instrument.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment payment_instrument party_id
COMMENT ON COLUMN public.payment_instrument.party_id IS 'Owner; deleting it deletes this row.';

--: comment payment_instrument instrument_type
COMMENT ON COLUMN public.payment_instrument.instrument_type IS 'Kind of instrument.';

--: comment payment_instrument currency_code
COMMENT ON COLUMN public.payment_instrument.currency_code IS 'Currency it is held in, ISO 4217.';

--: comment payment_instrument bank_name
COMMENT ON COLUMN public.payment_instrument.bank_name IS 'Bank or issuer.';

--: comment payment_instrument account_name
COMMENT ON COLUMN public.payment_instrument.account_name IS 'Name of the holder as the bank knows it. Personal data.';

--: comment payment_instrument account_number
COMMENT ON COLUMN public.payment_instrument.account_number IS 'Account number, IBAN or masked card number. Personal data.';

--: comment payment_instrument provider_ref
COMMENT ON COLUMN public.payment_instrument.provider_ref IS 'Token by which the payment provider knows the instrument.';

--: comment payment_instrument is_default
COMMENT ON COLUMN public.payment_instrument.is_default IS 'True for the instrument the party uses in this currency unless told otherwise: at most one that is active. The bridge trigger of payment_instrument clears the older default when a new one takes over.';

--: comment payment_instrument is_active
COMMENT ON COLUMN public.payment_instrument.is_active IS 'False once it must not be used any more.';

--: comment payment_instrument created_at
COMMENT ON COLUMN public.payment_instrument.created_at IS 'Moment when the row was written. NULL: before v1, unknown.';

--: comment payment_instrument updated_at
COMMENT ON COLUMN public.payment_instrument.updated_at IS 'Moment of the row''s last change, written by trigger set_updated_at. NULL: not changed since before v1.';

--: comment application
COMMENT ON TABLE public.application IS 'A request for a loan; one row per application number.';

--: comment application id
COMMENT ON COLUMN public.application.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment application application_number
COMMENT ON COLUMN public.application.application_number IS 'Number by which the customer knows the application.';

--: comment application product_id
COMMENT ON COLUMN public.application.product_id IS 'Product applied for.';

--: comment application legal_entity_id
COMMENT ON COLUMN public.application.legal_entity_id IS 'Company that would lend.';

--: comment application applicant_party_id
COMMENT ON COLUMN public.application.applicant_party_id IS 'Party that applies.';

--: comment application requested_amount
COMMENT ON COLUMN public.application.requested_amount IS 'Amount asked for, in requested_currency, > 0.';

--: comment application requested_currency
COMMENT ON COLUMN public.application.requested_currency IS 'Currency asked for, ISO 4217.';

--: comment application tenor_months
COMMENT ON COLUMN public.application.tenor_months IS 'Term asked for, in months, > 0.';

--: comment application status
COMMENT ON COLUMN public.application.status IS 'Where the application stands.';

--: comment application created_at
COMMENT ON COLUMN public.application.created_at IS 'Moment when the row was written. For applications from before v1: the loan''s created_at; NULL: no loan, unknown.';

--: comment application updated_at
COMMENT ON COLUMN public.application.updated_at IS 'Moment of the row''s last change, written by trigger set_updated_at. NULL: not changed since before v1.';

--: comment decision
COMMENT ON TABLE public.decision IS 'A credit decision on an application; one row per decision, several per application are possible.';

--: comment decision id
COMMENT ON COLUMN public.decision.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment decision application_id
COMMENT ON COLUMN public.decision.application_id IS 'Application decided on.';

--: comment decision outcome
COMMENT ON COLUMN public.decision.outcome IS 'What was decided.';

--: comment decision approved_amount
COMMENT ON COLUMN public.decision.approved_amount IS 'Amount approved, in approved_currency, > 0; NULL unless the outcome is approved.';

--: comment decision approved_currency
COMMENT ON COLUMN public.decision.approved_currency IS 'Currency of approved_amount, ISO 4217.';

--: comment decision decided_by
COMMENT ON COLUMN public.decision.decided_by IS 'Person or engine that decided.';

--: comment decision decided_at
COMMENT ON COLUMN public.decision.decided_at IS 'Moment of the decision. For decisions from before v1: the loan''s created_at; NULL: no loan, unknown.';

--: comment decision reason
COMMENT ON COLUMN public.decision.reason IS 'Why it was decided so.';

--: comment loan
COMMENT ON TABLE public.loan IS 'A loan contract; one row per loan number. What is owed when is in its active amortisation plan.';

--: comment loan id
COMMENT ON COLUMN public.loan.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment loan loan_number
COMMENT ON COLUMN public.loan.loan_number IS 'Number by which the borrower and the books know the loan.';

--: comment loan application_id
COMMENT ON COLUMN public.loan.application_id IS 'Application it was granted on. NULL: granted without one, e.g. a transfer.';

--: comment loan product_id
COMMENT ON COLUMN public.loan.product_id IS 'Product it was sold as.';

--: comment loan legal_entity_id
COMMENT ON COLUMN public.loan.legal_entity_id IS 'Company that lends.';

--: comment loan borrower_party_id
COMMENT ON COLUMN public.loan.borrower_party_id IS 'Party that owes the loan.';

--: comment loan currency_code
COMMENT ON COLUMN public.loan.currency_code IS 'Currency of all amounts of the loan, its instalments and its allocations, ISO 4217.';

--: comment loan principal_amount
COMMENT ON COLUMN public.loan.principal_amount IS 'Amount lent by contract, in currency_code, > 0.';

--: comment loan rc_fee_rate
COMMENT ON COLUMN public.loan.rc_fee_rate IS 'Rently Care fee as a fraction of the principal: 0.0500 is 5 %.';

--: comment loan interest_rate
COMMENT ON COLUMN public.loan.interest_rate IS 'Interest per year as a fraction: 0.0500 is 5 %.';

--: comment loan start_date
COMMENT ON COLUMN public.loan.start_date IS 'First day of the contract. Vintage = its month.';

--: comment loan end_date
COMMENT ON COLUMN public.loan.end_date IS 'Last day of the contract, after start_date.';

--: comment loan parent_loan_id
COMMENT ON COLUMN public.loan.parent_loan_id IS 'Loan that this one renews, replaces or tops up. NULL: none.';

--: comment loan property_contract_id
COMMENT ON COLUMN public.loan.property_contract_id IS 'Identifier of the tenancy contract that the loan pays for.';

--: comment loan status
COMMENT ON COLUMN public.loan.status IS 'Where the contract stands. Every change records itself in loan_status_history as operational_status.';

--: comment loan installment_period
COMMENT ON COLUMN public.loan.installment_period IS 'Which instalment of how many the loan is, e.g. 3/12. NULL: the loan is not part of a series.';

--: comment loan lease_start_date
COMMENT ON COLUMN public.loan.lease_start_date IS 'First day of the tenancy that the loan pays for.';

--: comment loan lease_end_date
COMMENT ON COLUMN public.loan.lease_end_date IS 'Last day of the tenancy, after lease_start_date.';

--: comment loan agent_party_id
COMMENT ON COLUMN public.loan.agent_party_id IS 'Agent that brought the loan. NULL: none.';

--: comment loan created_at
COMMENT ON COLUMN public.loan.created_at IS 'Moment when the row was written. For loans from before v1: first disbursement, else start_date.';

--: comment loan updated_at
COMMENT ON COLUMN public.loan.updated_at IS 'Moment of the row''s last change, written by trigger set_updated_at. NULL: not changed since before v1.';

--: comment party_role
COMMENT ON TABLE public.party_role IS 'What a party is to a loan, for a time; one row per party, loan, role and first day.';

--: comment party_role id
COMMENT ON COLUMN public.party_role.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment party_role party_id
COMMENT ON COLUMN public.party_role.party_id IS 'Party that has the role.';

--: comment party_role loan_id
COMMENT ON COLUMN public.party_role.loan_id IS 'Loan in which the party has the role.';

--: comment party_role role
COMMENT ON COLUMN public.party_role.role IS 'What the party is to the loan.';

--: comment party_role effective_from
COMMENT ON COLUMN public.party_role.effective_from IS 'First day of the role. For roles from before v1: the loan''s start_date.';

--: comment party_role effective_through
COMMENT ON COLUMN public.party_role.effective_through IS 'First day on which the role is over. NULL: it is current.';

--: comment party_role created_at
COMMENT ON COLUMN public.party_role.created_at IS 'Moment when the row was written. NULL: before v1, unknown.';

--: comment amortisation_plan
COMMENT ON TABLE public.amortisation_plan IS 'A schedule of instalments; one row per loan and version. The active one is the only source of what is owed.';

--: comment amortisation_plan id
COMMENT ON COLUMN public.amortisation_plan.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment amortisation_plan loan_id
COMMENT ON COLUMN public.amortisation_plan.loan_id IS 'Loan that the plan schedules.';

--: comment amortisation_plan version
COMMENT ON COLUMN public.amortisation_plan.version IS 'Number of the plan within its loan, from 1.';

--: comment amortisation_plan status
COMMENT ON COLUMN public.amortisation_plan.status IS 'Whether instalments of this plan are owed. The bridge trigger of amortisation_plan supersedes the older plan when another active one arrives.';

--: comment amortisation_plan reason
COMMENT ON COLUMN public.amortisation_plan.reason IS 'Why the plan was made: origination, re-plan, forbearance.';

--: comment amortisation_plan effective_from
COMMENT ON COLUMN public.amortisation_plan.effective_from IS 'First day on which the plan holds.';

--: comment amortisation_plan effective_through
COMMENT ON COLUMN public.amortisation_plan.effective_through IS 'First day on which the plan no longer holds, written by the bridge trigger of amortisation_plan when it supersedes it. NULL: open.';

--: comment amortisation_plan created_at
COMMENT ON COLUMN public.amortisation_plan.created_at IS 'Moment when the row was written. NULL: before v1, unknown.';

--: comment amortisation_plan updated_at
COMMENT ON COLUMN public.amortisation_plan.updated_at IS 'Moment of the row''s last change, written by trigger set_updated_at. NULL: not changed since before v1.';

--: comment amortisation_line
COMMENT ON TABLE public.amortisation_line IS 'An instalment: what falls due on one day, by component; one row per plan and sequence number.';

--: comment amortisation_line id
COMMENT ON COLUMN public.amortisation_line.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment amortisation_line plan_id
COMMENT ON COLUMN public.amortisation_line.plan_id IS 'Plan that the instalment belongs to.';

--: comment amortisation_line seq_no
COMMENT ON COLUMN public.amortisation_line.seq_no IS 'Position of the instalment in its plan, from 1.';

--: comment amortisation_line due_date
COMMENT ON COLUMN public.amortisation_line.due_date IS 'Last day on which paying is on time; days past due count from the next.';

--: comment amortisation_line currency_code
COMMENT ON COLUMN public.amortisation_line.currency_code IS 'Currency of the amounts, ISO 4217; the loan''s.';

--: comment amortisation_line amount_principal
COMMENT ON COLUMN public.amortisation_line.amount_principal IS 'Principal due, >= 0.';

--: comment amortisation_line amount_rc_fee
COMMENT ON COLUMN public.amortisation_line.amount_rc_fee IS 'Rently Care fee due, >= 0.';

--: comment amortisation_line amount_penalty
COMMENT ON COLUMN public.amortisation_line.amount_penalty IS 'Penalty for late payment due, >= 0.';

--: comment amortisation_line amount_other
COMMENT ON COLUMN public.amortisation_line.amount_other IS 'Anything else due, >= 0; v0 bills interest here.';

--: comment amortisation_line amount_interest
COMMENT ON COLUMN public.amortisation_line.amount_interest IS 'Interest due, >= 0. For instalments from before v1: 0, unknown within other.';

--: comment payment
COMMENT ON TABLE public.payment IS 'A movement of money to or from the group; one row per movement. Its allocations say what it settles.';

--: comment payment id
COMMENT ON COLUMN public.payment.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment payment legal_entity_id
COMMENT ON COLUMN public.payment.legal_entity_id IS 'Company that is paid or pays.';

--: comment payment currency_code
COMMENT ON COLUMN public.payment.currency_code IS 'Currency of amount, ISO 4217.';

--: comment payment amount
COMMENT ON COLUMN public.payment.amount IS 'Amount moved, > 0; direction says which way. Its effective allocations never exceed it.';

--: comment payment direction
COMMENT ON COLUMN public.payment.direction IS 'Inbound: the company is paid. Outbound: the company pays.';

--: comment payment provider
COMMENT ON COLUMN public.payment.provider IS 'Bank or provider that reported the payment.';

--: comment payment external_reference
COMMENT ON COLUMN public.payment.external_reference IS 'The provider''s own identifier, unique within the provider: a message delivered twice is one payment.';

--: comment payment payer_party_id
COMMENT ON COLUMN public.payment.payer_party_id IS 'Party that pays. NULL: the company itself.';

--: comment payment payee_party_id
COMMENT ON COLUMN public.payment.payee_party_id IS 'Party that is paid. NULL: the company itself.';

--: comment payment instrument_id
COMMENT ON COLUMN public.payment.instrument_id IS 'Account, card or wallet used. NULL: unknown.';

--: comment payment received_at
COMMENT ON COLUMN public.payment.received_at IS 'Moment when the money arrived, in UTC; its local date at the company is the value date. NULL: not yet.';

--: comment payment status
COMMENT ON COLUMN public.payment.status IS 'Where the payment stands; only completed (and, until reversed_at, reversed) ones settle anything.';

--: comment payment processed_at
COMMENT ON COLUMN public.payment.processed_at IS 'Moment when the payment was allocated. NULL: not yet, or before v1, unknown.';

--: comment payment created_at
COMMENT ON COLUMN public.payment.created_at IS 'Moment when the row was written. NULL: before v1, unknown.';

--: comment payment updated_at
COMMENT ON COLUMN public.payment.updated_at IS 'Moment of the row''s last change, written by trigger set_updated_at. NULL: not changed since before v1.';

--: comment payment reversed_at
COMMENT ON COLUMN public.payment.reversed_at IS 'Moment when the payment was taken back; figures before it still count the payment. The bridge trigger of payment dates a reversal that comes without it. NULL: not reversed.';

--: comment disbursement
COMMENT ON TABLE public.disbursement IS 'Money paid out on a loan, to the borrower or the landlord; one row per payout.';

--: comment disbursement id
COMMENT ON COLUMN public.disbursement.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment disbursement loan_id
COMMENT ON COLUMN public.disbursement.loan_id IS 'Loan that is paid out.';

--: comment disbursement legal_entity_id
COMMENT ON COLUMN public.disbursement.legal_entity_id IS 'Company that pays.';

--: comment disbursement instrument_id
COMMENT ON COLUMN public.disbursement.instrument_id IS 'Account that is credited.';

--: comment disbursement currency_code
COMMENT ON COLUMN public.disbursement.currency_code IS 'Currency of amount, ISO 4217.';

--: comment disbursement amount
COMMENT ON COLUMN public.disbursement.amount IS 'Amount paid out, > 0.';

--: comment disbursement disbursed_at
COMMENT ON COLUMN public.disbursement.disbursed_at IS 'Moment when the money left, in UTC. NULL: not yet.';

--: comment disbursement status
COMMENT ON COLUMN public.disbursement.status IS 'Where the payout stands.';

--: comment disbursement created_at
COMMENT ON COLUMN public.disbursement.created_at IS 'Moment when the row was written. NULL: before v1, unknown.';

--: comment disbursement updated_at
COMMENT ON COLUMN public.disbursement.updated_at IS 'Moment of the row''s last change, written by trigger set_updated_at. NULL: not changed since before v1.';

--: comment payment_allocation
COMMENT ON TABLE public.payment_allocation IS 'The part of a payment that settles one component of a debt; one row per part. Never deleted, only reversed.';

--: comment payment_allocation id
COMMENT ON COLUMN public.payment_allocation.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment payment_allocation payment_id
COMMENT ON COLUMN public.payment_allocation.payment_id IS 'Payment that settles.';

--: comment payment_allocation loan_id
COMMENT ON COLUMN public.payment_allocation.loan_id IS 'Loan that is settled.';

--: comment payment_allocation plan_id
COMMENT ON COLUMN public.payment_allocation.plan_id IS 'Plan of the line; one of the loan''s.';

--: comment payment_allocation line_id
COMMENT ON COLUMN public.payment_allocation.line_id IS 'Instalment that is settled. NULL: the oldest unpaid ones of the active plan.';

--: comment payment_allocation component
COMMENT ON COLUMN public.payment_allocation.component IS 'Part of the debt that is settled.';

--: comment payment_allocation allocated_amount
COMMENT ON COLUMN public.payment_allocation.allocated_amount IS 'Amount settled, in the loan''s currency, > 0.';

--: comment payment_allocation created_at
COMMENT ON COLUMN public.payment_allocation.created_at IS 'Moment when the row was written. NULL: before v1, unknown.';

--: comment payment_allocation reversed_at
COMMENT ON COLUMN public.payment_allocation.reversed_at IS 'Moment from which the allocation no longer counts; written once. NULL: it counts.';

--: comment collections_event
COMMENT ON TABLE public.collections_event IS 'Something done or happened in collecting a loan: reminder, call, notice, write-off; one row per event.';

--: comment collections_event id
COMMENT ON COLUMN public.collections_event.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment collections_event loan_id
COMMENT ON COLUMN public.collections_event.loan_id IS 'Loan that is collected.';

--: comment collections_event event_type
COMMENT ON COLUMN public.collections_event.event_type IS 'What was done or happened.';

--: comment collections_event event_at
COMMENT ON COLUMN public.collections_event.event_at IS 'Moment of the event, in UTC.';

--: comment collections_event actor_party_id
COMMENT ON COLUMN public.collections_event.actor_party_id IS 'Party that acted. NULL: a system.';

--: comment collections_event dpd_snapshot
COMMENT ON COLUMN public.collections_event.dpd_snapshot IS 'Days past due as the writer knew them at the event, >= 0. A note: figures compute their own.';

--: comment collections_event amount_involved
COMMENT ON COLUMN public.collections_event.amount_involved IS 'Amount demanded, promised, recovered or written off, > 0. NULL: none.';

--: comment collections_event currency_code
COMMENT ON COLUMN public.collections_event.currency_code IS 'Currency of amount_involved, ISO 4217.';

--: comment collections_event consecutive_missed_payments
COMMENT ON COLUMN public.collections_event.consecutive_missed_payments IS 'Instalments missed in a row at the event, >= 0. NULL: before v1, unknown.';

--: comment collections_event escalation_trigger
COMMENT ON COLUMN public.collections_event.escalation_trigger IS 'What made the case go a stage further.';

--: comment collections_event resolution_status
COMMENT ON COLUMN public.collections_event.resolution_status IS 'Where the matter stands. NULL: nothing to resolve, or before v1, unknown.';

--: comment collections_event next_action_date
COMMENT ON COLUMN public.collections_event.next_action_date IS 'Day on which somebody must act next. NULL: none planned.';

--: comment collections_event notes
COMMENT ON COLUMN public.collections_event.notes IS 'What was said. May hold personal data.';

--: comment collections_event updated_at
COMMENT ON COLUMN public.collections_event.updated_at IS 'Moment of the row''s last change, written by trigger set_updated_at. NULL: not changed since before v1.';

--: comment ledger_account
COMMENT ON TABLE public.ledger_account IS 'An account in a company''s books; one row per company and code.';

--: comment ledger_account id
COMMENT ON COLUMN public.ledger_account.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment ledger_account legal_entity_id
COMMENT ON COLUMN public.ledger_account.legal_entity_id IS 'Company whose books it is in.';

--: comment ledger_account code
COMMENT ON COLUMN public.ledger_account.code IS 'Number of the account in the chart of accounts, unique within the company.';

--: comment ledger_account name
COMMENT ON COLUMN public.ledger_account.name IS 'Name of the account.';

--: comment ledger_account type
COMMENT ON COLUMN public.ledger_account.type IS 'What the account measures.';

--: comment ledger_account parent_account_id
COMMENT ON COLUMN public.ledger_account.parent_account_id IS 'Account that this one is summed into. NULL: a top account.';

--: comment ledger_account is_active
COMMENT ON COLUMN public.ledger_account.is_active IS 'False once nothing may be booked on it any more.';

--: comment ledger_account created_at
COMMENT ON COLUMN public.ledger_account.created_at IS 'Moment when the row was written. NULL: before v1, unknown.';

--: comment ledger_account updated_at
COMMENT ON COLUMN public.ledger_account.updated_at IS 'Moment of the row''s last change, written by trigger set_updated_at. NULL: not changed since before v1.';

--: comment ledger_entry
COMMENT ON TABLE public.ledger_entry IS 'One side of a booking on one account; one row per booking, account and side. Never deleted or changed.';

--: comment ledger_entry id
COMMENT ON COLUMN public.ledger_entry.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment ledger_entry legal_entity_id
COMMENT ON COLUMN public.ledger_entry.legal_entity_id IS 'Company whose books it is in.';

--: comment ledger_entry account_id
COMMENT ON COLUMN public.ledger_entry.account_id IS 'Account booked on.';

--: comment ledger_entry loan_id
COMMENT ON COLUMN public.ledger_entry.loan_id IS 'Loan it is about. NULL: none.';

--: comment ledger_entry payment_id
COMMENT ON COLUMN public.ledger_entry.payment_id IS 'Payment that caused it. NULL: none.';

--: comment ledger_entry disbursement_id
COMMENT ON COLUMN public.ledger_entry.disbursement_id IS 'Disbursement that caused it. NULL: none.';

--: comment ledger_entry currency_code
COMMENT ON COLUMN public.ledger_entry.currency_code IS 'Currency of amount, ISO 4217.';

--: comment ledger_entry amount
COMMENT ON COLUMN public.ledger_entry.amount IS 'Amount booked, > 0; side says in which direction.';

--: comment ledger_entry side
COMMENT ON COLUMN public.ledger_entry.side IS 'Debit or credit.';

--: comment ledger_entry entry_date
COMMENT ON COLUMN public.ledger_entry.entry_date IS 'Business date of the entry. From before v1: the local date of its payment or disbursement, else the loan''s start_date.';

--: comment ledger_entry created_at
COMMENT ON COLUMN public.ledger_entry.created_at IS 'Moment when the row was written. NULL: before v1, unknown.';

--: comment ledger_entry journal_id
COMMENT ON COLUMN public.ledger_entry.journal_id IS 'Booking it belongs to. NULL: written by v0, which knows none.';

--: comment security_interest
COMMENT ON TABLE public.security_interest IS 'Something that secures a loan: property, deposit, guarantee; one row per loan and security.';

--: comment security_interest id
COMMENT ON COLUMN public.security_interest.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment security_interest loan_id
COMMENT ON COLUMN public.security_interest.loan_id IS 'Loan that is secured.';

--: comment security_interest type
COMMENT ON COLUMN public.security_interest.type IS 'What secures the loan.';

--: comment security_interest party_id
COMMENT ON COLUMN public.security_interest.party_id IS 'Guarantor or owner. NULL: the borrower.';

--: comment security_interest description
COMMENT ON COLUMN public.security_interest.description IS 'What exactly: address, plate, account.';

--: comment security_interest value_amount
COMMENT ON COLUMN public.security_interest.value_amount IS 'Value before the haircut, in value_ccy, > 0. NULL: not valued.';

--: comment security_interest value_ccy
COMMENT ON COLUMN public.security_interest.value_ccy IS 'Currency of value_amount, ISO 4217.';

--: comment security_interest registration_date
COMMENT ON COLUMN public.security_interest.registration_date IS 'Day on which the security was registered. NULL: not, or unknown.';

--: comment security_interest expiry_date
COMMENT ON COLUMN public.security_interest.expiry_date IS 'Day on which it lapses, after registration_date. NULL: it does not.';

--: comment security_interest status
COMMENT ON COLUMN public.security_interest.status IS 'Whether it can still be called. NULL: before v1, unknown.';

--: comment security_interest created_at
COMMENT ON COLUMN public.security_interest.created_at IS 'Moment when the row was written. NULL: before v1, unknown.';

--: comment security_interest updated_at
COMMENT ON COLUMN public.security_interest.updated_at IS 'Moment of the row''s last change, written by trigger set_updated_at. NULL: not changed since before v1.';

--: comment security_interest haircut_pct
COMMENT ON COLUMN public.security_interest.haircut_pct IS 'Fraction of the value that provisioning does not count, 0 to 1: 0.2000 is 20 %. NULL: not decided.';

--: comment document
COMMENT ON TABLE public.document IS 'A stored file; one row per file. The file itself is at storage_url.';

--: comment document id
COMMENT ON COLUMN public.document.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment document title
COMMENT ON COLUMN public.document.title IS 'Title to show. May hold personal data.';

--: comment document kind
COMMENT ON COLUMN public.document.kind IS 'What the document is.';

--: comment document storage_url
COMMENT ON COLUMN public.document.storage_url IS 'Where the file is stored.';

--: comment document uploaded_at
COMMENT ON COLUMN public.document.uploaded_at IS 'Moment of the upload, in UTC. NULL: before v1, unknown.';

--: comment document file_size_bytes
COMMENT ON COLUMN public.document.file_size_bytes IS 'Size of the file in bytes, > 0. NULL: unknown.';

--: comment document mime_type
COMMENT ON COLUMN public.document.mime_type IS 'Media type of the file, e.g. application/pdf.';

--: comment document checksum
COMMENT ON COLUMN public.document.checksum IS 'Digest of the file, prefixed with its algorithm, e.g. sha256:...';

--: comment document expires_at
COMMENT ON COLUMN public.document.expires_at IS 'Moment from which the document no longer proves anything. NULL: never.';

--: comment document_link
COMMENT ON TABLE public.document_link IS 'That a document belongs to a row of another table; one row per document and target.';

--: comment document_link id
COMMENT ON COLUMN public.document_link.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment document_link document_id
COMMENT ON COLUMN public.document_link.document_id IS 'Document; deleting it deletes this row.';

--: comment document_link entity_type
COMMENT ON COLUMN public.document_link.entity_type IS 'Table that entity_id is an id of.';

--: comment document_link entity_id
COMMENT ON COLUMN public.document_link.entity_id IS 'Row that the document belongs to; no foreign key, since it may be in one of seven tables.';

--: comment document_link role
COMMENT ON COLUMN public.document_link.role IS 'What the document is to that row, e.g. signed_copy.';

--: comment document_link created_at
COMMENT ON COLUMN public.document_link.created_at IS 'Moment when the row was written. NULL: before v1, unknown.';

--: comment fx_rate
COMMENT ON TABLE public.fx_rate IS 'What one currency was worth in another on a day, by a source; one row per day, pair and source.';

--: comment fx_rate id
COMMENT ON COLUMN public.fx_rate.id IS 'Time-ordered UUIDv7 of public.uuidv7(). An id from before v1 is whatever its application generated.';

--: comment fx_rate as_of_date
COMMENT ON COLUMN public.fx_rate.as_of_date IS 'Day of the rate.';

--: comment fx_rate from_ccy
COMMENT ON COLUMN public.fx_rate.from_ccy IS 'Currency that is converted, ISO 4217.';

--: comment fx_rate to_ccy
COMMENT ON COLUMN public.fx_rate.to_ccy IS 'Currency it is converted to, ISO 4217.';

--: comment fx_rate rate
COMMENT ON COLUMN public.fx_rate.rate IS 'Units of to_ccy for one unit of from_ccy, > 0, in full precision.';

--: comment fx_rate source
COMMENT ON COLUMN public.fx_rate.source IS 'Who published the rate.';

--: comment fx_rate created_at
COMMENT ON COLUMN public.fx_rate.created_at IS 'Moment when the row was written. NULL: before v1, unknown.';
