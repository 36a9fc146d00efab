/** Who may do everything. */
export const administrator = "user:root@example.com";

/** The service that is shown tokens. */
export const relyingService = "service:cache";

/** The host that holds all tasks. */
export const host = "service:host";

/** The realm of all tasks. */
export const realm = "bench:jobs";

/** The audience that the service names. */
export const audience = "cache";

/** What tasks are registered for; the realm gives it to all of them. */
export const taskPermissions = ["swarming.pools.createTask", "swarming.tasks.get"] as const;

/** The configuration of the bench. */
export const benchConfiguration = `
groups:
  - name: all-tasks
    description: every task
    owners: administrators
    globs: ["task:*"]
projects:
  - name: bench
    realms:
      - name: jobs
        bindings:
          - role: role/fleetgate.relyingService
            principals: ["${relyingService}"]
          - role: role/fleetgate.executionHost
            principals: ["${host}"]
          - role: role/swarming.poolUser
            principals: ["group:all-tasks"]
          - role: role/swarming.taskViewer
            principals: ["group:all-tasks"]
`;
