import { type AnchorHTMLAttributes, lazy, type PropsWithChildren, Suspense } from "react";
import type { Components, Options } from "react-markdown";
import { Skeleton } from "@/ui/Skeleton";
import { TableScroll } from "@/ui/TableScroll";
import styles from "./Markdown.module.css";

/** The library is fetched when the first card is shown: no other page needs it. */
const ReactMarkdown = lazy(async () => {
  const [{ default: Renderer }, { default: gfm }] = await Promise.all([
    import("react-markdown"),
    import("remark-gfm"),
  ]);
  return { default: (options: Options) => <Renderer remarkPlugins={[gfm]} {...options} /> };
});

const FRONT_MATTER = /^---\r?\n[\s\S]*?\r?\n---\r?\n/;

/** A model card in GitHub's Markdown. HTML in it stays text, and only web addresses become links. */
export function Markdown({ source }: { readonly source: string }) {
  return (
    <div className={styles.prose}>
      <Suspense fallback={<Skeleton height={240} />}>
        <ReactMarkdown components={COMPONENTS}>{source.replace(FRONT_MATTER, "")}</ReactMarkdown>
      </Suspense>
    </div>
  );
}

/** The page has its own h1, and a card names no deeper levels worth telling apart. */
const COMPONENTS: Components = {
  h1: Section,
  h2: Section,
  h3: Subsection,
  h4: Subsection,
  h5: Subsection,
  h6: Subsection,
  a: WebLink,
  table: ScrolledTable,
  th: HeaderCell,
  // The served pages load pictures from here only.
  img: ({ alt }) => <>{alt}</>,
};

function Section({ children }: PropsWithChildren) {
  return <h2>{children}</h2>;
}

function Subsection({ children }: PropsWithChildren) {
  return <h3>{children}</h3>;
}

/** Wide tables scroll by themselves instead of squeezing their columns. */
function ScrolledTable({ children }: PropsWithChildren) {
  return (
    <div className={styles.table}>
      <TableScroll label="Table">
        <table>{children}</table>
      </TableScroll>
    </div>
  );
}

/** The corner above a column of names has no words, so that it is no header. */
function HeaderCell({ children }: PropsWithChildren) {
  return children === undefined ? <td /> : <th scope="col">{children}</th>;
}

function WebLink({ href, children }: AnchorHTMLAttributes<HTMLAnchorElement>) {
  if (href === undefined || !/^https?:\/\//.test(href)) return <>{children}</>;
  return (
    <a href={href} rel="noreferrer noopener" target="_blank">
      {children}
    </a>
  );
}
