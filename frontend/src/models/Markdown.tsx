import { Fragment, useMemo } from "react";
import styles from "./Markdown.module.css";
import { type Block, type Inline, parseMarkdown, type Row } from "./markdownBlocks";

export function Markdown({ source }: { readonly source: string }) {
  const blocks = useMemo(() => parseMarkdown(source), [source]);
  return (
    <div className={styles.prose}>
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of a fixed text never move.
        <BlockView key={index} block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case "heading":
      return <Heading level={block.level} inlines={block.inlines} />;
    case "paragraph":
      return (
        <p>
          <Inlines inlines={block.inlines} />
        </p>
      );
    case "code":
      return <pre>{block.text}</pre>;
    case "table":
      return <Table head={block.head} rows={block.rows} />;
    case "list": {
      const Tag = block.ordered ? "ol" : "ul";
      return (
        <Tag>
          {keyed(block.items).map(([key, item]) => (
            <li key={key}>
              <Inlines inlines={item} />
            </li>
          ))}
        </Tag>
      );
    }
    default:
      return block satisfies never;
  }
}

function Heading({ level, inlines }: { readonly level: number; readonly inlines: readonly Inline[] }) {
  const words = <Inlines inlines={inlines} />;
  // The page has its own h1.
  return level <= 2 ? <h2>{words}</h2> : <h3>{words}</h3>;
}

function Table({ head, rows }: { readonly head: Row; readonly rows: readonly Row[] }) {
  return (
    <table>
      <thead>
        <tr>
          {keyed(head).map(([key, cell]) => (
            <th key={key} scope="col">
              <Inlines inlines={cell} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {keyed(rows).map(([rowKey, row]) => (
          <tr key={rowKey}>
            {keyed(row).map(([key, cell]) => (
              <td key={key}>
                <Inlines inlines={cell} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Inlines({ inlines }: { readonly inlines: readonly Inline[] }) {
  return keyed(inlines).map(([key, inline]) => (
    <Fragment key={key}>
      <InlineView inline={inline} />
    </Fragment>
  ));
}

function InlineView({ inline }: { readonly inline: Inline }) {
  switch (inline.kind) {
    case "text":
      return inline.text;
    case "strong":
      return <strong>{inline.text}</strong>;
    case "emphasis":
      return <em>{inline.text}</em>;
    case "code":
      return <code>{inline.text}</code>;
    case "link":
      return (
        <a href={inline.href} rel="noreferrer noopener" target="_blank">
          {inline.text}
        </a>
      );
    default:
      return inline satisfies never;
  }
}

/** Positions serve as keys: the parts of a fixed text never move. */
function keyed<T>(items: readonly T[]): readonly (readonly [string, T])[] {
  return items.map((item, index) => [String(index), item] as const);
}
