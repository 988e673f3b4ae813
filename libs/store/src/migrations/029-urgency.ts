/**
 * The inbox is read the worst first, and of equals the newest: an order that runs two ways, which an index of the columns
 * alone has not. With severities counted from below, both run one way, and a page is a walk from a place in an index.
 */
export const urgency = /* sql */ `

create index incident_by_urgency on flow.incident (translate(severity, '1234', '4321'), id);
create index incident_active_by_urgency on flow.incident (translate(severity, '1234', '4321'), id)
  where state in ('open', 'acknowledged');
create index incident_of_service on flow.incident (service, translate(severity, '1234', '4321'), id);
create index incident_of_owner on flow.incident (owner, translate(severity, '1234', '4321'), id);

-- What is offered for an incident stands in its line.
create index plan_offered on flow.plan (incident_id, id) where state = 'proposed';
`
