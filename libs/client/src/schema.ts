/* Generated from apps/api/openapi.json by `npm run openapi`. */

export interface paths {
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How the house and this process are doing, in the text format of Prometheus. */
        get: operations["Metrics.scrape"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alerts, newest first. */
        get: operations["Alerts.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/{source}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes one delivery of a monitor. Answered only when it is durably stored; what cannot be read is stored as refused. */
        post: operations["Alerts.receive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Per source, what came in and what became of it: it adds up. */
        get: operations["Alerts.ledger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Your keys, newest first; those of somebody else for whoever looks after keys. */
        get: operations["ApiKeys.list"];
        put?: never;
        /** Makes a key. Its secret stands in this answer and nowhere else. */
        post: operations["ApiKeys.make"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a key back: the next request that brings it is refused. */
        delete: operations["ApiKeys.revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/checkpoint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest checkpoint: a signed note (C2SP tlog-checkpoint), cosigned by the notary. */
        get: operations["Audit.checkpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The log from its beginning, as far as a checkpoint covers it. */
        get: operations["Audit.entries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/exports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Exports, newest first. */
        get: operations["Audit.list"];
        put?: never;
        /** Asks for an export of the log, or of a part of it. */
        post: operations["Audit.ask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/exports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One export and how far it is. */
        get: operations["Audit.one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/exports/{id}/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The file, or a range of its bytes. That it was taken is an entry, too. */
        get: operations["Audit.download"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/proofs/consistency": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Proof that the log of a larger size begins with the log of a smaller one. */
        get: operations["Proofs.consistency"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/proofs/inclusion": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Proof that an entry stands in the log. With `Accept: text/plain` one file with the checkpoint (C2SP tlog-proof). */
        get: operations["Proofs.inclusion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/successor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Requests for a successor, newest first. */
        get: operations["Successors.list"];
        put?: never;
        /** Asks for a log of another name to follow this one, which cannot go on. */
        post: operations["Successors.ask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/successor/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One request for a successor, and who said what. */
        get: operations["Successors.one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/successor/{id}/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says yes or no to exactly the request that you read. Two of Security who did not ask are enough. */
        post: operations["Successors.decide"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/tiles/{path}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The log as C2SP tlog-tiles: `checkpoint`, `tile/<L>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`. */
        get: operations["Proofs.tile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/break-glass": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who broke the glass, or asked to, newest first. */
        get: operations["BreakGlass.list"];
        put?: never;
        /** Asks to let exactly the plan that you read pass one freeze, or one missing yes, once. A second person decides. */
        post: operations["BreakGlass.ask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/break-glass/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One of them: who asked, who decided, which run used it, and what its review says. */
        get: operations["BreakGlass.one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/break-glass/{id}/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Grants or refuses it. Another of Security than who asked; where too few hold that role, who acknowledged the incident themselves. */
        post: operations["BreakGlass.decide"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/break-glass/{id}/review": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says afterwards whether it was right. One of Security who neither asked for it nor granted it. */
        post: operations["BreakGlass.review"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/break-glass/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What holds a plan that could be passed, and who could grant that. For whoever is about to ask. */
        get: operations["BreakGlass.check"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/budgets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How often anything may start by itself, what of it is used, and what is disarmed. */
        get: operations["Budgets.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/budgets/{id}/rearm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets what is disarmed start by itself again; what was used before does not count any more. */
        post: operations["Budgets.rearm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/freezes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Security freezes, newest first. */
        get: operations["Freezes.list"];
        put?: never;
        /** Freezes at once: from this answer on no step that changes something in these scopes begins. */
        post: operations["Freezes.declare"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/freezes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One freeze. */
        get: operations["Freezes.one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/freezes/{id}/lift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks for the freeze to be lifted. It holds until two others of Security have approved exactly that. */
        post: operations["Freezes.ask"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/freezes/{id}/lift/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says yes or no to exactly the lift that you read; the second yes is enough, and the worker lifts it. */
        post: operations["Freezes.decide"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/freezes/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether a target may be changed now, and what forbids it; for CI. */
        get: operations["Freezes.check"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Live, ready, and each dependency with its age. 503 when nothing could be recorded. */
        get: operations["Health.health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/incidents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Incidents, newest first or the worst first; `active` are those that are open or acknowledged. */
        get: operations["Incidents.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/incidents/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One incident with its alerts, and what you may do about it. */
        get: operations["Incidents.one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Hands it to somebody who may acknowledge (whoever takes an open one has acknowledged it), or corrects its severity, with a reason. */
        patch: operations["Incidents.change"];
        trace?: never;
    };
    "/v1/incidents/{id}/acknowledge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** "I have it": you become its owner. */
        post: operations["Incidents.acknowledge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/incidents/{id}/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What changed around the time when it began, which is when its alerts say so, the likeliest cause first. */
        get: operations["Incidents.changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/incidents/{id}/evidence": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The evidence that its runs have kept, oldest first, by digest and size; an export that discloses carries it. */
        get: operations["Incidents.evidence"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/incidents/{id}/figures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Figures of what it is about as the worker read them, the last hour of each, or the last eight where it began earlier: of its service, and of the models, OCR and queues that belong to that. */
        get: operations["Incidents.figures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/incidents/{id}/notes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Writes a note into its timeline, for good: an entry of the log is never changed. */
        post: operations["Incidents.note"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/incidents/{id}/reopen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Opens it again, and says why, for as long as an alert of the same problem would; a plan is asked for anew. */
        post: operations["Incidents.reopen"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/incidents/{id}/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says that it is over, and why. */
        post: operations["Incidents.resolve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/incidents/{id}/suggestions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Its plans, newest first: what was suggested when it opened, and what people asked for. */
        get: operations["Incidents.suggestions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/incidents/{id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened, oldest first, each line an entry of the audit log as a sentence. */
        get: operations["Incidents.timeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/incidents/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many incidents pass a filter, and how many would with other values of it. */
        get: operations["Incidents.countsOf"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What runs changed for now, newest first. */
        get: operations["Loans.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loans/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One loan. */
        get: operations["Loans.one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loans/{id}/renew": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks the worker to leave it out until so many minutes from now. */
        post: operations["Loans.renew"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/loans/{id}/return": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks the worker to give it back before its time. */
        post: operations["Loans.giveBack"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who you are here, and as what. */
        get: operations["People.me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everybody who has signed in and every service, with their roles. */
        get: operations["Roles.list"];
        put?: never;
        /** Adds a service. People add themselves by signing in. */
        post: operations["Roles.add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{id}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives somebody a role, from now on. Nobody gives themselves one. */
        post: operations["Roles.grant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/{id}/roles/{role}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a role back: the next request of whoever had it goes without. */
        delete: operations["Roles.revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/people/seeded": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The people of the sandbox. */
        get: operations["Seeded.seeded"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/plans": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Plans, newest first. */
        get: operations["Plans.list"];
        put?: never;
        /** Asks the worker for a plan: of a recipe, or of the way back of a run that is over (`reverts`). With `Prefer: wait=5` the answer comes as soon as it is made, at the latest after 5 s. */
        post: operations["Plans.request"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/plans/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One plan: what it would do, by which facts, and the digest that an approval must name. */
        get: operations["Plans.one"];
        put?: never;
        post?: never;
        /** Cancels a plan that has not become a run; from here on it cannot become one. A run is cancelled by its own route. */
        delete: operations["Plans.cancel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/plans/{id}/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says yes or no to exactly the plan that you read. The yes that completes the quorum starts the run. */
        post: operations["Approvals.decide"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quiet-windows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Quiet windows, newest first. */
        get: operations["QuietWindows.list"];
        put?: never;
        /** Declares a time in which planned work waits. Plans for an incident pass, one tier higher; it ends by itself. */
        post: operations["QuietWindows.declare"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quiet-windows/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One quiet window. */
        get: operations["QuietWindows.one"];
        put?: never;
        post?: never;
        /** Cancels one that has not begun. One that is open ends by itself. */
        delete: operations["QuietWindows.cancel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/recipes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every recipe, with its parameters as JSON Schema and its record. */
        get: operations["Recipes.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/recipes/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One recipe. */
        get: operations["Recipes.one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/recipes/{id}/graduations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far this recipe may go by itself, what its version has come to, and who decided what so far. */
        get: operations["Recipes.stages"];
        put?: never;
        /** Moves the recipe to another stage: up one at a time and by its record, down at once. Its record stands in the decision. */
        post: operations["Recipes.graduate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runbook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The pages of the runbook, with the recipes that carry them out. */
        get: operations["Runbook.pages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runbook/{page}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One page, as Markdown. */
        get: operations["Runbook.page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs, newest first. */
        get: operations["Runs.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One run with its journal. */
        get: operations["Runs.one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks the run to stop at its next boundary; with `undo` it takes back what it changed. */
        post: operations["Runs.cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/runs/{id}/resolve-unknown": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Answers a run that needs a person: what is there, or that it was put right by hand. */
        post: operations["Runs.resolve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sends the browser to the identity provider. `to` is the page to come back to. */
        get: operations["SignIn.leave"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Where the identity provider sends the browser back to: opens the session. */
        get: operations["SignIn.arrive"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-in/seeded": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs in as one of them: sets the session cookie. */
        post: operations["Seeded.signIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends the session of the cookie. Without one, nothing. */
        post: operations["People.signOut"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/standing-approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Standing approvals, newest first. */
        get: operations["StandingApprovals.list"];
        put?: never;
        /** Approves a recipe in advance: plans that no person asked for start by themselves, on these targets, within these bounds, until then. */
        post: operations["StandingApprovals.give"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/standing-approvals/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One standing approval. */
        get: operations["StandingApprovals.one"];
        put?: never;
        post?: never;
        /** Takes it back: nothing starts under it any more. What has started goes on. */
        delete: operations["StandingApprovals.revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The stop switch: whether it is on, by whom, and why. */
        get: operations["Stop.read"];
        put?: never;
        /** Stops everything that changes something, everywhere, until somebody lets it go. */
        post: operations["Stop.press"];
        /** Lets the stop switch go. What was held goes on by itself; a run that it ended stays ended: ask for a new plan. */
        delete: operations["Stop.release"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Server-sent events: each says that something happened. Ids are places in the log: `Last-Event-ID` replays what was missed, from any API process. `hello` begins, `hb` comes every 5 s, `resync` means: read everything anew. */
        get: operations["Stream.open"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/targets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Targets that the worker has seen, by name, with what it last saw and how long ago; figures over time are told with an incident, or of one target. */
        get: operations["Targets.list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/targets/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One target, as `deployment:prod/api`, encoded for a URL. */
        get: operations["Targets.one"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/targets/{id}/figures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was measured of it over the last hour. */
        get: operations["Targets.figures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/targets/{id}/observations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What was seen of it. The worker keeps the newest alone. */
        get: operations["Targets.observations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/targets/figures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One figure of every target that has it, by target: the last hour, as the highest of each two minutes. */
        get: operations["Targets.figuresNamed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Alert: {
            annotations: {
                [key: string]: string;
            };
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            ends_at: string | null;
            fingerprint: string;
            flaps: number;
            generator_url: string | null;
            id: string;
            incident: string;
            labels: {
                [key: string]: string;
            };
            source: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            starts_at: string;
            /** @enum {string} */
            state: "firing" | "resolved";
        };
        AlertLedger: {
            adds_up: boolean;
            items: components["schemas"]["LedgerLine"][];
        };
        AlertPage: {
            items: components["schemas"]["Alert"][];
            next: string | null;
        };
        ApiKey: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            created_at: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            expires_at: string | null;
            id: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            last_used: string | null;
            may: {
                revoke: components["schemas"]["May"];
            };
            name: string;
            person: components["schemas"]["Who"];
            prefix: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            revoked_at: string | null;
            scopes: string[] | null;
            /** @enum {string} */
            state: "good" | "expired" | "revoked";
        };
        ApiKeyPage: {
            items: components["schemas"]["ApiKey"][];
            next: string | null;
        };
        Approval: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            at: string;
            by: components["schemas"]["Who"];
            /** @enum {string} */
            decision: "yes" | "no";
            digest: string;
            id: string;
            note: string;
        };
        Bounds: {
            after: {
                [key: string]: {
                    at_least?: number;
                    at_most?: number;
                };
            };
            runs: {
                minutes: number;
                most: number;
            };
            steps: number;
        };
        BreakGlass: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            at: string;
            by: components["schemas"]["Who"];
            decision: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC
                 */
                at: string;
                by: components["schemas"]["Who"];
                /** @enum {string} */
                decision: "granted" | "refused";
                note: string;
                /** @enum {string} */
                voice: "security" | "on-call-lead";
            } | null;
            digest: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            expires_at: string | null;
            freeze: string | null;
            id: string;
            incident: string | null;
            may: {
                decide: components["schemas"]["May"];
                review: components["schemas"]["May"];
            };
            minutes: number;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            open_until: string;
            /** @enum {string} */
            over: "freeze" | "approval";
            plan: string;
            reason: string;
            review: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC
                 */
                at: string;
                by: components["schemas"]["Who"];
                late: boolean;
                note: string;
                /** @enum {string} */
                verdict: "justified" | "not-justified";
            } | null;
            /** @enum {string} */
            state: "asked" | "granted" | "refused" | "expired" | "used" | "reviewed" | "overdue";
            to_type: string | null;
            use: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC
                 */
                at: string;
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC
                 */
                review_by: string;
                run: string;
            } | null;
        };
        BreakGlassCheck: {
            approval_missing: boolean;
            digest: string | null;
            freezes: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC
                 */
                at: string;
                by: components["schemas"]["Who"];
                id: string;
                reason: string;
                scopes: string[];
            }[];
            granters: {
                lead: components["schemas"]["Who"] | null;
                security: components["schemas"]["Who"][];
            };
            plan: string;
        };
        BreakGlassPage: {
            items: components["schemas"]["BreakGlass"][];
            next: string | null;
        };
        Budget: {
            disarmed: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC
                 */
                at: string;
                because: string;
                plan: string;
            } | null;
            id: string;
            may: {
                rearm: components["schemas"]["May"];
            };
            minutes: number;
            rearmed: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC
                 */
                at: string;
                by: components["schemas"]["Who"];
                reason: string;
            } | null;
            runs: number;
            /** @enum {string} */
            state: "armed" | "disarmed";
            used: number;
        };
        BudgetList: {
            items: components["schemas"]["Budget"][];
        };
        Change: {
            /**
             * Format: date-time
             * @description When it was last seen as it had been; null where that is not known
             */
            after: string | null;
            /**
             * Format: date-time
             * @description When it was first seen so, RFC 3339, UTC
             */
            at: string;
            because: string;
            /** @enum {string} */
            kind: "at-maximum" | "traffic" | "image" | "version" | "routing" | "replicas" | "autoscaler" | "figure" | "run";
            run: string | null;
            says: string;
            target: string;
            /** @description How likely it is the cause, among what changed */
            weight: number;
        };
        Changes: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            from: string;
            items: components["schemas"]["Change"][];
            /**
             * Format: date-time
             * @description When the worker last looked at what it is about; null: never
             */
            looked_at: string | null;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            until: string;
        };
        ConsistencyProof: {
            from: number;
            hashes: string[];
            to: number;
        };
        Delivery: {
            delivery: string;
            joined: number;
            opened: number;
            received: number;
            repeated: number;
            resolved: number;
        };
        Dependency: {
            age_ms: number | null;
            /** @enum {string} */
            name: "postgres" | "redis" | "log" | "worker" | "sequencer" | "notary" | "observers";
            ok: boolean;
            says: string;
        };
        EntryPage: {
            items: components["schemas"]["LogEntry"][];
            next: string | null;
            size: number;
        };
        Evidence: {
            items: components["schemas"]["EvidenceItem"][];
        };
        EvidenceItem: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            at: string;
            contents: string;
            entry: string;
            media_type: string;
            position: number | null;
            run: string;
            sha256: string;
            size: number;
        };
        Export: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            asked_at: string;
            asked_by: components["schemas"]["Who"];
            because: string | null;
            checkpoint_size: number;
            /** @enum {string} */
            completeness: "FULL" | "STREAM" | "SELECTED";
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            ended_at: string | null;
            entries: number;
            evidence: boolean;
            filter: components["schemas"]["ExportFilter"];
            id: string;
            /** @enum {string} */
            kind: "evidence-bundle" | "ndjson" | "tiles" | "ocsf" | "csv" | "report";
            manifest: string | null;
            may: {
                download: components["schemas"]["May"];
            };
            progress: {
                done: number;
                total: number;
            };
            reason: string;
            sha256: string | null;
            size: number;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            started_at: string | null;
            /** @enum {string} */
            state: "queued" | "running" | "ready" | "failed";
        };
        ExportFilter: {
            actor?: string;
            /** @enum {string} */
            control?: "nist-800-53/AC-2(4)" | "nist-800-53/AC-3(2)" | "nist-800-53/AC-5" | "nist-800-53/AC-6(9)" | "nist-800-53/AC-7" | "nist-800-53/AU-2" | "nist-800-53/AU-3" | "nist-800-53/AU-5" | "nist-800-53/AU-6" | "nist-800-53/AU-7" | "nist-800-53/AU-8" | "nist-800-53/AU-9" | "nist-800-53/AU-9(5)" | "nist-800-53/AU-10" | "nist-800-53/AU-11" | "nist-800-53/AU-12" | "nist-800-53/CM-3" | "nist-800-53/CM-3(1)" | "nist-800-53/CM-5(1)" | "nist-800-53/IR-4" | "nist-800-53/IR-4(1)" | "nist-800-53/IR-5" | "nist-800-53/IR-6" | "nist-800-53/SI-7" | "nist-800-53/SI-7(7)" | "soc2/CC6.1" | "soc2/CC6.2" | "soc2/CC6.3" | "soc2/CC7.2" | "soc2/CC7.3" | "soc2/CC7.4" | "soc2/CC7.5" | "soc2/CC8.1";
            freeze?: string;
            incident?: string;
            /** @enum {string} */
            outcome?: "ok" | "failed" | "refused" | "unknown";
            plan?: string;
            positions?: {
                from?: number;
                to?: number;
            };
            run?: string;
            streams?: (string | "log")[];
            target?: string;
            time?: {
                from?: string;
                to?: string;
            };
            types?: ("delivery.stored" | "delivery.processed" | "delivery.refused" | "alert.fired" | "alert.resolved" | "alert.reopened" | "incident.opened" | "incident.acknowledged" | "incident.resolved" | "incident.reopened" | "incident.closed" | "incident.changed" | "note.added" | "plan.requested" | "plan.proposed" | "plan.stopped" | "plan.failed" | "plan.stale" | "plan.used" | "plan.refused" | "plan.expired" | "plan.cancelled" | "approval.given" | "approval.refused" | "standing.given" | "standing.revoked" | "recipe.graduated" | "run.started" | "run.verifying" | "run.succeeded" | "run.failed" | "run.undoing" | "run.undone" | "run.cancelling" | "run.cancelled" | "run.running" | "run.waiting" | "run.needs-a-person" | "run.taken-over" | "step.planned" | "step.intended" | "step.undoing" | "step.done" | "step.failed" | "step.unknown" | "step.undone" | "step.kept" | "step.skipped" | "step.wave" | "item.done" | "item.failed" | "item.unknown" | "item.undone" | "item.kept" | "cancel.requested" | "answer.given" | "step.denied" | "freeze.declared" | "freeze.lift-asked" | "freeze.lift-approved" | "freeze.lift-refused" | "freeze.lifting" | "freeze.lifted" | "break-glass.asked" | "break-glass.granted" | "break-glass.refused" | "break-glass.used" | "break-glass.overdue" | "break-glass.reviewed" | "break-glass.told" | "budget.disarmed" | "budget.rearmed" | "budget.told" | "quiet.declared" | "quiet.cancelled" | "stop.pressed" | "stop.released" | "run.frozen" | "target.locked" | "target.freed" | "target.moved" | "loan.requested" | "loan.out" | "loan.renewed" | "loan.returning" | "loan.returned" | "loan.overdue" | "export.requested" | "export.running" | "export.ready" | "export.failed" | "export.downloaded" | "maintenance.due" | "maintenance.late" | "maintenance.excepted" | "maintenance.running" | "maintenance.done" | "maintenance.failed" | "check.passed" | "check.failed" | "person.added" | "role.granted" | "role.revoked" | "key.created" | "key.revoked" | "session.opened" | "session.closed" | "access.refused" | "process.started" | "process.stopped" | "log.read" | "log.redacted" | "successor.requested" | "successor.approved" | "successor.refused" | "log.succeeded" | "log.key-rotated" | "log.heartbeat")[];
        };
        ExportPage: {
            items: components["schemas"]["Export"][];
            next: string | null;
        };
        Figure: {
            age_ms: number | null;
            /**
             * Format: date-time
             * @description When it was last read, RFC 3339, UTC; null: never yet
             */
            at: string | null;
            name: string;
            /** @description Oldest first: seconds since 1970, and the value; null is a gap, and never a zero */
            points: (number | (number | null))[][];
            /** @description Seconds between two points */
            step_s: number;
            /** @description Whose it is: `service:api`, `model:invoice-classifier`, `queue:batch` */
            target: string;
            threshold: number | null;
            title: string;
            unavailable: string | null;
            /** @description `ms`, `%`, `/s`, `jobs`, `pods`; empty where it is a bare number */
            unit: string;
        };
        FigurePage: {
            items: components["schemas"]["Figure"][];
            next: string | null;
        };
        Figures: {
            items: components["schemas"]["Figure"][];
        };
        Freeze: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            at: string;
            by: components["schemas"]["Who"];
            id: string;
            incident: string | null;
            lift: components["schemas"]["Lift"] | null;
            may: {
                approve: components["schemas"]["May"];
                lift: components["schemas"]["May"];
            };
            reason: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            review_by: string | null;
            scopes: string[];
            /** @enum {string} */
            state: "lift-asked" | "enforcing" | "enforced" | "partial" | "slipped" | "lifting" | "lifted";
        };
        FreezeCheck: {
            because: string | null;
            by: string | null;
            /** @enum {string|null} */
            code: "frozen" | "halted" | null;
            frozen: boolean;
            target: string;
        };
        FreezePage: {
            items: components["schemas"]["Freeze"][];
            next: string | null;
        };
        Graduation: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            at: string;
            by: components["schemas"]["Who"];
            digest: string;
            /** @enum {string} */
            from: "watch" | "propose" | "auto";
            id: string;
            reason: string;
            recipe: string;
            record: components["schemas"]["RecipeRecord"];
            /** @enum {string} */
            to: "watch" | "propose" | "auto";
            version: number;
        };
        Graduations: {
            digest: string;
            items: components["schemas"]["Graduation"][];
            recipe: string;
            record: components["schemas"]["RecipeRecord"];
            /** @enum {string} */
            stage: "watch" | "propose" | "auto";
            to: {
                may: components["schemas"]["May"];
                /** @enum {string} */
                stage: "watch" | "propose" | "auto";
            }[];
            version: number;
        };
        Health: {
            dependencies: components["schemas"]["Dependency"][];
            /** @enum {boolean} */
            live: true;
            /** @enum {string} */
            mode: "sandbox" | "production";
            ready: boolean;
        };
        Incident: {
            alerts: components["schemas"]["Alert"][];
            alerts_firing: number;
            /** @enum {string} */
            class: "high-api-latency" | "model-error-rate" | "ocr-failures" | "storage-errors" | "batch-failures" | "data-exfiltration" | "unclassified";
            environment: string | null;
            id: string;
            lead: components["schemas"]["Who"] | null;
            may: {
                acknowledge: components["schemas"]["May"];
                assign: components["schemas"]["May"];
                correct: components["schemas"]["May"];
                note: components["schemas"]["May"];
                plan: components["schemas"]["May"];
                reopen: components["schemas"]["May"];
                resolve: components["schemas"]["May"];
            };
            offered: {
                plan: string;
                recipe: {
                    id: string;
                    title: string;
                };
                /** @enum {string} */
                tier: "T0" | "T1" | "T2" | "T3";
            } | null;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            opened_at: string;
            owner: components["schemas"]["Who"] | null;
            page: string;
            /** @enum {string} */
            phase: "none" | "mitigating" | "mitigated";
            plans: string[];
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            resolved_at: string | null;
            service: string | null;
            /** @enum {string} */
            severity: "SEV1" | "SEV2" | "SEV3" | "SEV4";
            /** @enum {string} */
            state: "open" | "acknowledged" | "resolved" | "closed";
            suggested: string[];
            title: string;
            version: number;
        };
        IncidentCounts: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            at: string;
            matching: number;
            owner: {
                me: number;
                nobody: number;
            };
            services: {
                count: number;
                service: string;
            }[];
            severity: {
                SEV1: number;
                SEV2: number;
                SEV3: number;
                SEV4: number;
            };
            state: {
                acknowledged: number;
                closed: number;
                open: number;
                resolved: number;
            };
            total: number;
            without: {
                class?: number;
                owner?: number;
                service?: number;
                severity?: number;
                state?: number;
                text?: number;
            };
        };
        IncidentPage: {
            items: components["schemas"]["IncidentSummary"][];
            next: string | null;
        };
        IncidentSummary: {
            alerts_firing: number;
            /** @enum {string} */
            class: "high-api-latency" | "model-error-rate" | "ocr-failures" | "storage-errors" | "batch-failures" | "data-exfiltration" | "unclassified";
            environment: string | null;
            id: string;
            offered: {
                plan: string;
                recipe: {
                    id: string;
                    title: string;
                };
                /** @enum {string} */
                tier: "T0" | "T1" | "T2" | "T3";
            } | null;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            opened_at: string;
            owner: components["schemas"]["Who"] | null;
            /** @enum {string} */
            phase: "none" | "mitigating" | "mitigated";
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            resolved_at: string | null;
            service: string | null;
            /** @enum {string} */
            severity: "SEV1" | "SEV2" | "SEV3" | "SEV4";
            /** @enum {string} */
            state: "open" | "acknowledged" | "resolved" | "closed";
            title: string;
            version: number;
        };
        InclusionProof: {
            hashes: string[];
            leaf_hash: string;
            position: number;
            size: number;
        };
        LedgerLine: {
            adds_up: boolean;
            deliveries: number;
            joined: number;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            newest_at: string | null;
            opened: number;
            pending: number;
            received: number;
            refused: number;
            repeated: number;
            resolved: number;
            source: string;
            suppressed: number;
        };
        Lift: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            asked_at: string;
            asked_by: components["schemas"]["Who"];
            digest: string;
            epoch: number;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            expires_at: string;
            id: string;
            reason: string;
            reversal: unknown[];
            /** @enum {string} */
            state: "asked" | "refused" | "expired" | "void" | "approved" | "lifting" | "lifted";
            votes: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC
                 */
                at: string;
                by: components["schemas"]["Who"];
                /** @enum {string} */
                decision: "yes" | "no";
                note: string;
            }[];
        };
        Loan: {
            because: string | null;
            id: string;
            may: {
                renew: components["schemas"]["May"];
                return: components["schemas"]["May"];
            };
            minutes: number;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            out_at: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            returned_at: string | null;
            run: string;
            says: string;
            /** @enum {string} */
            state: "out" | "returning" | "returned" | "overdue";
            target: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            until: string;
        };
        LoanPage: {
            items: components["schemas"]["Loan"][];
            next: string | null;
        };
        LogEntry: {
            body: string;
            leaf_hash: string;
            position: number;
        };
        MadeApiKey: {
            key: components["schemas"]["ApiKey"];
            secret: string | null;
        };
        May: {
            code?: string;
            ok: boolean;
            reason?: string;
            who?: string[];
        };
        Me: {
            id: string;
            /** @enum {string} */
            kind: "person" | "service";
            may: {
                [key: string]: components["schemas"]["May"];
            };
            /** @enum {string} */
            mode: "sandbox" | "production";
            name: string;
            roles: ("sre" | "ml" | "security" | "auditor" | "admin" | "service")[];
        };
        Observation: {
            age_ms: number;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            at: string;
            target: string;
            value: {
                [key: string]: unknown;
            };
        };
        Person: {
            id: string;
            /** @enum {string} */
            kind: "person" | "service";
            may: {
                grant: components["schemas"]["May"];
                make_key: components["schemas"]["May"];
            };
            name: string;
            roles: {
                by: components["schemas"]["Who"] | null;
                may: {
                    revoke: components["schemas"]["May"];
                };
                /** @enum {string} */
                role: "sre" | "ml" | "security" | "auditor" | "admin" | "service";
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC
                 */
                since: string;
            }[];
        };
        PersonPage: {
            items: components["schemas"]["Person"][];
            next: string | null;
        };
        Plan: {
            approvals: components["schemas"]["Approval"][];
            because: string | null;
            body: components["schemas"]["PlanBody"] | null;
            digest: string | null;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            expires_at: string | null;
            id: string;
            incident: string | null;
            may: {
                approve: components["schemas"]["May"];
                break_glass: components["schemas"]["May"];
                cancel: components["schemas"]["May"];
                refuse: components["schemas"]["May"];
            };
            quorum: {
                given: number;
                needed: number;
            };
            reason: string;
            recipe: {
                id: string;
                impact: string;
                meaning: string;
                title: string;
                version: number;
            };
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            requested_at: string;
            requested_by: components["schemas"]["Who"];
            reverts: string | null;
            run: string | null;
            /** @enum {string} */
            state: "requested" | "proposed" | "approved" | "stopped" | "failed" | "used" | "refused" | "stale" | "expired" | "cancelled";
            to_type: string | null;
        };
        PlanBody: {
            approval: {
                people: number;
                /** @enum {string} */
                raised_from?: "T0" | "T1" | "T2" | "T3";
                roles: string[];
                /** @enum {string} */
                tier: "T0" | "T1" | "T2" | "T3";
            };
            blast_radius: {
                items?: number;
                steps: number;
                targets: number;
            };
            contains?: boolean;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            expires_at: string;
            facts: {
                [key: string]: unknown;
            };
            findings?: {
                says: string;
                suggests: string | null;
            }[];
            guards: {
                [key: string]: unknown;
            }[];
            id: string;
            incident: string | null;
            limits?: {
                caps: {
                    effects?: number;
                    environment?: string;
                    targets?: number;
                    there: string[];
                }[];
                cooldown_minutes: number;
            };
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            made_at: string;
            params: {
                [key: string]: unknown;
            };
            reads: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC
                 */
                at: string;
                what: string;
            }[];
            reason: string;
            recipe: {
                digest: string;
                id: string;
                /** @enum {string} */
                stage?: "watch" | "propose" | "auto";
                version: number;
            };
            requested_by: string;
            reverts?: string;
            steps: components["schemas"]["PlanStep"][];
            trigger: {
                [key: string]: string;
            };
            /** @enum {number} */
            v: 1;
            verify: {
                says: string;
                within_s: number;
            };
        };
        PlanPage: {
            items: components["schemas"]["Plan"][];
            next: string | null;
        };
        PlanStep: {
            after: {
                [key: string]: unknown;
            };
            args: {
                [key: string]: unknown;
            };
            before: {
                [key: string]: unknown;
            };
            items?: {
                after: {
                    [key: string]: unknown;
                };
                args: {
                    [key: string]: unknown;
                };
                before: {
                    [key: string]: unknown;
                };
                says: string;
                targets: string[];
            }[];
            loan_minutes: number | null;
            name?: string;
            pace?: {
                first: number;
                most: number;
                pause_s: number;
                stop_above_percent: number;
                within_s: number;
            };
            /** @enum {string} */
            reversible: "yes" | "compensable" | "no";
            says: string;
            targets: string[];
            undo: {
                says: string;
            } | {
                none: string;
            };
            verb: string;
        };
        Problem: {
            code: string;
            detail: string;
            errors?: {
                message: string;
                pointer: string;
            }[];
            instance?: string;
            request_id: string;
            status: number;
            title: string;
            type: string;
        };
        QuietWindow: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            at: string;
            by: components["schemas"]["Who"];
            cancelled: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC
                 */
                at: string;
                by: components["schemas"]["Who"];
                reason: string;
            } | null;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            ends_at: string;
            id: string;
            may: {
                cancel: components["schemas"]["May"];
            };
            reason: string;
            scopes: string[];
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            starts_at: string;
            /** @enum {string} */
            state: "planned" | "open" | "over" | "cancelled";
        };
        QuietWindowPage: {
            items: components["schemas"]["QuietWindow"][];
            next: string | null;
        };
        Recipe: {
            approval: {
                people: number;
                roles: ("sre" | "ml" | "security" | "auditor" | "admin" | "service")[];
                /** @enum {string} */
                tier: "T0" | "T1" | "T2" | "T3";
            };
            digest: string;
            id: string;
            impact: string;
            may: {
                approve_in_advance: components["schemas"]["May"];
                plan: components["schemas"]["May"];
            };
            meaning: string;
            /** @enum {string} */
            page: "high-api-latency" | "model-error-rate" | "ocr-failures" | "storage-errors" | "batch-failures" | "data-exfiltration" | "unclassified";
            params: {
                [key: string]: unknown;
            };
            record: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC
                 */
                last_run_at: string | null;
                needed_a_person: number;
                plans: number;
                runs: number;
                succeeded: number;
            };
            /** @enum {string} */
            stage: "watch" | "propose" | "auto";
            stop_if: string[];
            title: string;
            verify_within_s: number;
            version: number;
            /** @enum {string} */
            written_stage: "watch" | "propose" | "auto";
        };
        RecipePage: {
            items: components["schemas"]["Recipe"][];
            next: string | null;
        };
        RecipeRecord: {
            needed_a_person: number;
            proposed: number;
            refused: number;
            runs: number;
            stopped: number;
            succeeded: number;
            undone: number;
            watched: number;
        };
        Run: {
            because: string | null;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            ended_at: string | null;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            goes_on_at: string | null;
            id: string;
            incident: string | null;
            loans: string[];
            may: {
                cancel: components["schemas"]["May"];
                resolve: components["schemas"]["May"];
                revert: components["schemas"]["May"];
            };
            plan: string;
            plan_digest: string;
            recipe: {
                id: string;
                title: string;
            };
            reverted_by: string[];
            reverts: string | null;
            standing: string | null;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            started_at: string;
            /** @enum {string} */
            state: "queued" | "running" | "waiting" | "verifying" | "cancelling" | "cancelled" | "failed" | "undoing" | "undone" | "succeeded" | "frozen" | "stale" | "needs-a-person";
            steps: components["schemas"]["RunStep"][];
            verify: {
                says: string;
                within_s: number;
            };
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            verifying_at: string | null;
        };
        RunbookIndex: {
            items: {
                page: string;
                recipes: string[];
                title: string;
            }[];
        };
        RunbookPage: {
            markdown: string;
            page: string;
            recipes: string[];
            title: string;
        };
        RunItems: {
            count: number;
            named: {
                because: string | null;
                number: number;
                /** @enum {string} */
                state: "failed" | "unknown" | "kept";
            }[];
            states: {
                [key: string]: number;
            };
        };
        RunPage: {
            items: components["schemas"]["Run"][];
            next: string | null;
        };
        RunStep: {
            after: {
                [key: string]: unknown;
            } | null;
            attempt: number;
            because: string | null;
            before: {
                [key: string]: unknown;
            } | null;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            ended_at: string | null;
            id: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            intended_at: string | null;
            items: components["schemas"]["RunItems"] | null;
            number: number;
            says: string;
            /** @enum {string} */
            state: "pending" | "intended" | "done" | "failed" | "unknown" | "undone" | "kept" | "skipped";
            targets: string[];
            undo_says: string | null;
            verb: string;
        };
        SeededPeople: {
            people: {
                id: string;
                /** @enum {string} */
                kind: "person" | "service";
                name: string;
                roles: ("sre" | "ml" | "security" | "auditor" | "admin" | "service")[];
            }[];
        };
        StandingApproval: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            at: string;
            bounds: components["schemas"]["Bounds"];
            by: components["schemas"]["Who"];
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            expires_at: string;
            id: string;
            may: {
                revoke: components["schemas"]["May"];
            };
            reason: string;
            recipe: {
                digest: string;
                id: string;
                title: string;
                version: number;
            };
            revoked: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC
                 */
                at: string;
                by: components["schemas"]["Who"];
                reason: string;
            } | null;
            runs: number;
            /** @enum {string} */
            state: "given" | "revoked" | "expired" | "outdated";
            targets: string[];
        };
        StandingApprovalPage: {
            items: components["schemas"]["StandingApproval"][];
            next: string | null;
        };
        Stop: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            at: string | null;
            by: components["schemas"]["Who"] | null;
            may: {
                press: components["schemas"]["May"];
                release: components["schemas"]["May"];
            };
            on: boolean;
            reason: string | null;
        };
        StreamEvent: {
            about: string;
            id: string;
            type: string;
            version: number;
        };
        Successor: {
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            asked_at: string;
            asked_by: components["schemas"]["Who"];
            digest: string;
            id: string;
            may: {
                approve: components["schemas"]["May"];
            };
            new_origin: string;
            old_origin: string;
            old_root: string;
            old_size: number;
            reason: string;
            /** @enum {string} */
            state: "asked" | "refused" | "approved" | "succeeded";
            votes: {
                /**
                 * Format: date-time
                 * @description RFC 3339, UTC
                 */
                at: string;
                by: components["schemas"]["Who"];
                /** @enum {string} */
                decision: "yes" | "no";
                note: string;
            }[];
        };
        SuccessorPage: {
            items: components["schemas"]["Successor"][];
            next: string | null;
        };
        TargetPage: {
            items: components["schemas"]["Observation"][];
            next: string | null;
        };
        Timeline: {
            items: components["schemas"]["TimelineItem"][];
        };
        TimelineItem: {
            about: string;
            /**
             * Format: date-time
             * @description RFC 3339, UTC
             */
            at: string;
            by: components["schemas"]["Who"];
            detail: {
                [key: string]: unknown;
            };
            entry: string;
            outcome: string | null;
            position: number | null;
            says: string;
            type: string;
        };
        Who: {
            id: string;
            name: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    "Metrics.scrape": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Alerts.list": {
        parameters: {
            query?: {
                after?: string;
                incident?: string;
                limit?: number;
                state?: "firing" | "resolved";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Alerts.receive": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Alerts.ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertLedger"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "ApiKeys.list": {
        parameters: {
            query?: {
                after?: string;
                limit?: number;
                person?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "ApiKeys.make": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default 90 */
                    days?: number;
                    name: string;
                    person?: string;
                    scopes?: ("alert.send" | "alert.read" | "target.read" | "incident.read" | "incident.acknowledge" | "incident.resolve" | "incident.note" | "incident.assign" | "incident.correct" | "incident.reopen" | "recipe.read" | "recipe.graduate" | "plan.read" | "plan.request" | "plan.approve" | "plan.cancel" | "standing.read" | "standing.give" | "standing.revoke" | "run.read" | "run.cancel" | "run.resolve" | "loan.read" | "loan.return" | "loan.renew" | "freeze.read" | "freeze.check" | "freeze.declare" | "freeze.lift" | "break-glass.read" | "break-glass.ask" | "break-glass.decide" | "break-glass.review" | "budget.read" | "budget.rearm" | "quiet.read" | "quiet.declare" | "quiet.cancel" | "stop.press" | "stop.release" | "audit.read" | "audit.export" | "audit.disclose" | "audit.succeed" | "runbook.read" | "stream.read" | "self.read" | "key.read" | "key.make" | "key.revoke" | "key.manage" | "person.read" | "role.grant" | "role.revoke" | "service.add" | "metrics.read")[];
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeApiKey"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "ApiKeys.revoke": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Audit.checkpoint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Audit.entries": {
        parameters: {
            query?: {
                after?: number;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntryPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Audit.list": {
        parameters: {
            query?: {
                after?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExportPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Audit.ask": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @default [] */
                    controls?: ("nist-800-53" | "soc2")[];
                    /** @default false */
                    disclose?: boolean;
                    /** @default {} */
                    filter?: components["schemas"]["ExportFilter"];
                    /**
                     * @default evidence-bundle
                     * @enum {string}
                     */
                    kind?: "evidence-bundle" | "ndjson" | "tiles" | "ocsf" | "csv" | "report";
                    /** @default  */
                    reason?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Export"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Audit.one": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Export"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Audit.download": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Proofs.consistency": {
        parameters: {
            query: {
                from: number;
                to?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConsistencyProof"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Proofs.inclusion": {
        parameters: {
            query: {
                position: number;
                size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InclusionProof"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Successors.list": {
        parameters: {
            query?: {
                after?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SuccessorPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Successors.ask": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    checkpoint: string;
                    new_origin: string;
                    reason: string;
                    /** @default [] */
                    rotations?: {
                        new: string;
                        old: string;
                        signed_by_new: string;
                        signed_by_old: string;
                    }[];
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Successor"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Successors.one": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Successor"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Successors.decide": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    decision: "yes" | "no";
                    digest: string;
                    /** @default  */
                    note?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Successor"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Proofs.tile": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                path: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "BreakGlass.list": {
        parameters: {
            query?: {
                after?: string;
                incident?: string;
                limit?: number;
                plan?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BreakGlassPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "BreakGlass.ask": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    digest: string;
                    /** @default 60 */
                    minutes?: number;
                    over: "approval" | {
                        freeze: string;
                    };
                    plan: string;
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BreakGlass"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "BreakGlass.one": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BreakGlass"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "BreakGlass.decide": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    decision: "yes" | "no";
                    digest: string;
                    /** @default  */
                    note?: string;
                    typed?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BreakGlass"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "BreakGlass.review": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    note: string;
                    /** @enum {string} */
                    verdict: "justified" | "not-justified";
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BreakGlass"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "BreakGlass.check": {
        parameters: {
            query: {
                plan: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BreakGlassCheck"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Budgets.list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BudgetList"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Budgets.rearm": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Budget"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Freezes.list": {
        parameters: {
            query?: {
                after?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FreezePage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Freezes.declare": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    incident?: string;
                    reason: string;
                    /** Format: date-time */
                    review_by?: string;
                    scopes: string[];
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Freeze"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Freezes.one": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Freeze"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Freezes.ask": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: date-time */
                    expires_at?: string;
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Freeze"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Freezes.decide": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    decision: "yes" | "no";
                    digest: string;
                    /** @default  */
                    note?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Freeze"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Freezes.check": {
        parameters: {
            query: {
                target: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FreezeCheck"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Health.health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Incidents.list": {
        parameters: {
            query?: {
                after?: string;
                class?: "high-api-latency" | "model-error-rate" | "ocr-failures" | "storage-errors" | "batch-failures" | "data-exfiltration" | "unclassified";
                ids?: string;
                limit?: number;
                order?: "newest" | "urgency";
                owner?: string;
                service?: string;
                severity?: string;
                state?: "open" | "acknowledged" | "resolved" | "closed" | "active";
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IncidentPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Incidents.one": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Incidents.change": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
                /** @description The ETag that you read. 412 `precondition` when somebody has changed it since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    owner?: string;
                    reason?: string;
                    /** @enum {string} */
                    severity?: "SEV1" | "SEV2" | "SEV3" | "SEV4";
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Incidents.acknowledge": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
                /** @description The ETag that you read. 412 `precondition` when somebody has changed it since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Incidents.changes": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Changes"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Incidents.evidence": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Evidence"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Incidents.figures": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Figures"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Incidents.note": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    text: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Incidents.reopen": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
                /** @description The ETag that you read. 412 `precondition` when somebody has changed it since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Incidents.resolve": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
                /** @description The ETag that you read. 412 `precondition` when somebody has changed it since. */
                "If-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Incident"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Incidents.suggestions": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Incidents.timeline": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Timeline"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Incidents.countsOf": {
        parameters: {
            query?: {
                class?: "high-api-latency" | "model-error-rate" | "ocr-failures" | "storage-errors" | "batch-failures" | "data-exfiltration" | "unclassified";
                owner?: string;
                service?: string;
                severity?: string;
                state?: "open" | "acknowledged" | "resolved" | "closed" | "active";
                text?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IncidentCounts"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Loans.list": {
        parameters: {
            query?: {
                after?: string;
                limit?: number;
                run?: string;
                state?: "out" | "returning" | "returned" | "overdue";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoanPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Loans.one": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Loan"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Loans.renew": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    minutes: number;
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Loan"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Loans.giveBack": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Loan"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "People.me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Roles.list": {
        parameters: {
            query?: {
                after?: string;
                limit?: number;
                role?: "sre" | "ml" | "security" | "auditor" | "admin" | "service";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PersonPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Roles.add": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    subject?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Roles.grant": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                    /** @enum {string} */
                    role: "sre" | "ml" | "security" | "auditor" | "admin";
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Roles.revoke": {
        parameters: {
            query: {
                reason: string;
            };
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
                role: "sre" | "ml" | "security" | "auditor" | "admin" | "service";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Person"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Seeded.seeded": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SeededPeople"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Plans.list": {
        parameters: {
            query?: {
                after?: string;
                incident?: string;
                limit?: number;
                requested_by?: string;
                state?: "proposed";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlanPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Plans.request": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    incident?: string;
                    labels?: {
                        [key: string]: string;
                    };
                    /** @default {} */
                    params?: {
                        [key: string]: unknown;
                    };
                    /** @default  */
                    reason?: string;
                    recipe?: string;
                    reverts?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Plans.one": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Plans.cancel": {
        parameters: {
            query: {
                reason: string;
            };
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Approvals.decide": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    decision: "yes" | "no";
                    digest: string;
                    /** @default  */
                    note?: string;
                    typed?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Plan"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "QuietWindows.list": {
        parameters: {
            query?: {
                after?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuietWindowPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "QuietWindows.declare": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: date-time */
                    ends_at: string;
                    reason: string;
                    scopes: string[];
                    /** Format: date-time */
                    starts_at?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuietWindow"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "QuietWindows.one": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuietWindow"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "QuietWindows.cancel": {
        parameters: {
            query: {
                reason: string;
            };
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QuietWindow"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Recipes.list": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecipePage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Recipes.one": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Recipe"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Recipes.stages": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Graduations"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Recipes.graduate": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    digest: string;
                    reason: string;
                    /** @enum {string} */
                    to: "watch" | "propose" | "auto";
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Graduation"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Runbook.pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunbookIndex"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Runbook.page": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                page: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunbookPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Runs.list": {
        parameters: {
            query?: {
                after?: string;
                incident?: string;
                limit?: number;
                plan?: string;
                recipe?: string;
                state?: "queued" | "running" | "waiting" | "verifying" | "cancelling" | "cancelled" | "failed" | "undoing" | "undone" | "succeeded" | "frozen" | "stale" | "needs-a-person";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Runs.one": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Runs.cancel": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                    /** @default false */
                    undo?: boolean;
                };
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Runs.resolve": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                    /** @enum {string} */
                    then: "go-on" | "take-back";
                    /** @enum {string} */
                    verdict: "in-place";
                } | {
                    reason: string;
                    /** @enum {string} */
                    verdict: "not-in-place";
                } | {
                    reason: string;
                    /** @enum {string} */
                    verdict: "look-again";
                } | {
                    reason: string;
                    /** @enum {string} */
                    verdict: "put-right";
                };
            };
        };
        responses: {
            /** @description Done */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "SignIn.leave": {
        parameters: {
            query?: {
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "SignIn.arrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Seeded.signIn": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    person: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "People.signOut": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "StandingApprovals.list": {
        parameters: {
            query?: {
                after?: string;
                limit?: number;
                recipe?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StandingApprovalPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "StandingApprovals.give": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    bounds: components["schemas"]["Bounds"];
                    digest: string;
                    /** Format: date-time */
                    expires_at: string;
                    reason: string;
                    recipe: string;
                    targets: string[];
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StandingApproval"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "StandingApprovals.one": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StandingApproval"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "StandingApprovals.revoke": {
        parameters: {
            query: {
                reason: string;
            };
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StandingApproval"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Stop.read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stop"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Stop.press": {
        parameters: {
            query?: never;
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stop"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Stop.release": {
        parameters: {
            query: {
                reason: string;
            };
            header?: {
                /** @description Yours and new for each thing that you ask for. Sent again within 24 h it does nothing twice and is answered the same. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stop"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Stream.open": {
        parameters: {
            query?: never;
            header?: {
                "last-event-id"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description text/event-stream; this is the data of one event */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StreamEvent"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Targets.list": {
        parameters: {
            query?: {
                after?: string;
                kind?: string;
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TargetPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Targets.one": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Observation"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Targets.figures": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Figures"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Targets.observations": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TargetPage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "Targets.figuresNamed": {
        parameters: {
            query: {
                after?: string;
                limit?: number;
                name: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FigurePage"];
                };
            };
            /** @description Refused, with a code of the closed list (RFC 9457) */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
