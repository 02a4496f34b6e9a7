/** Who may do what: the roles, and the permissions each one holds. */

export const ROLES = ['scorer', 'analyst', 'manager', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export type Permission = 'score' | 'label' | 'read-decision' | 'read' | 'read-metrics' | 'read-config';

/** Roles that hold each permission. A scorer is a machine: it scores, labels and reads back its own decisions. */
export const HOLDERS: Readonly<Record<Permission, readonly Role[]>> = {
  score: ['scorer', 'admin'],
  label: ['scorer', 'analyst', 'manager', 'admin'],
  'read-decision': ['scorer', 'analyst', 'manager', 'admin'],
  read: ['analyst', 'manager', 'admin'],
  'read-metrics': ['scorer', 'analyst', 'manager', 'admin'],
  'read-config': ['admin'],
};
