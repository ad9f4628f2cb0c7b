"""What is allowed in a policy and yet unwise; each finding says what happens meanwhile.

A document that is wrong is refused when it is loaded. What is listed here works, but hardly as its
writer meant it: rules that never fire, targets that nothing ends, pages that reach nobody by name.
"""

from __future__ import annotations

from incidentkit.policy.document import Policy
from incidentkit.policy.finding import Finding as Finding
from incidentkit.policy.lint_access import access
from incidentkit.policy.lint_automation import automation
from incidentkit.policy.lint_conditions import conditions
from incidentkit.policy.lint_duties import duties
from incidentkit.policy.lint_people import people
from incidentkit.policy.lint_priorities import priorities


def lint(policy: Policy) -> tuple[Finding, ...]:
    """Everything worth a second look, what concerns paging first."""
    return (
        *people(policy),
        *priorities(policy),
        *duties(policy),
        *automation(policy),
        *conditions(policy),
        *access(policy),
    )
