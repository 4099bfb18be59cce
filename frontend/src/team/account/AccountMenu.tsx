import { useMutation, useQueryClient } from "@tanstack/react-query";
import { DropdownMenu } from "radix-ui";
import { useLocation } from "wouter";
import { signOut } from "@/api/people";
import type { Me } from "@/api/types";
import { useMe } from "@/api/useMe";
import { Icon } from "@/ui/Icon";
import { MenuItem } from "@/ui/Menu";
import menu from "@/ui/Menu.module.css";
import { Tooltip } from "@/ui/Tooltip";

/** Who is signed in, and how; always visible, because every edit carries that name. */
export function AccountMenu({ chip }: { readonly chip: string }) {
  const me = useMe();
  if (!me) return null;
  if (me.way === "local") return <LocalOwner me={me} chip={chip} />;
  return <SignedInPerson me={me} chip={chip} />;
}

function LocalOwner({ me, chip }: { readonly me: Me; readonly chip: string }) {
  const [, navigate] = useLocation();
  return (
    <Tooltip
      content={`Signed in locally as ${me.name}: whoever reaches this address is. MASKLOOM_SIGN_IN=accounts lets others in.`}
    >
      <button type="button" className={chip} onClick={() => navigate("/account")} data-testid="account-chip">
        <Icon name="person" size={14} />
        <span data-chip-words>{me.name}</span>
        <span data-chip-words data-faint>
          local
        </span>
      </button>
    </Tooltip>
  );
}

function SignedInPerson({ me, chip }: { readonly me: Me; readonly chip: string }) {
  const [, navigate] = useLocation();
  const queryClient = useQueryClient();
  const leaving = useMutation({
    mutationFn: signOut,
    onSettled: () => {
      queryClient.clear();
      window.location.assign("/sign-in");
    },
  });
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className={chip} data-testid="account-chip">
        <Icon name="person" size={14} />
        <span data-chip-words>{me.name}</span>
        <Icon name="down" size={12} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className={menu.content} align="end" sideOffset={4}>
          <MenuItem icon="pencil" onSelect={() => navigate("/account")} testId="to-account">
            Account and API tokens
          </MenuItem>
          {me.is_admin && (
            <MenuItem icon="person" onSelect={() => navigate("/people")} testId="to-people">
              People of this site
            </MenuItem>
          )}
          <MenuItem icon="right" onSelect={() => leaving.mutate()} testId="sign-out">
            Sign out
          </MenuItem>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
