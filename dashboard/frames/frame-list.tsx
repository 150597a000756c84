import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useRef, useState } from 'react';
import { factsOf } from './frame-facts.ts';
import type { LoggedFrame } from './frame-log.ts';
import { ageAt, FrameRow } from './frame-row.tsx';
import { useNow } from './use-now.ts';

/** Of a frame that is not expanded, pixels; styles/frames.css has the same. */
const rowSize = 56;

/** The frames, the newest first; only those that can be seen are in the document. */
export function FrameList({ frames }: { readonly frames: readonly LoggedFrame[] }) {
  const now = useNow();
  const scroller = useRef<HTMLDivElement>(null);
  const [expanded, setExpanded] = useState<ReadonlySet<number>>(new Set());
  const toggle = useCallback((number: number) => {
    setExpanded((before) => {
      const after = new Set(before);
      if (!after.delete(number)) after.add(number);
      return after;
    });
  }, []);
  // oxlint-disable-next-line react/incompatible-library -- what it returns is handed to no memoized component
  const virtualizer = useVirtualizer({
    count: frames.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowSize,
    getItemKey: (index) => frames[index]!.number,
    overscan: 4,
  });
  return (
    <div className="frame-scroller" ref={scroller}>
      <ol id="frames" style={{ blockSize: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const frame = frames[index]!;
          return (
            <li
              key={key}
              ref={virtualizer.measureElement}
              className="frame"
              data-index={index}
              data-type={factsOf(frame).type}
              aria-setsize={frames.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)` }}
            >
              <FrameRow
                frame={frame}
                age={ageAt(frame, now)}
                isExpanded={expanded.has(frame.number)}
                onToggle={toggle}
              />
            </li>
          );
        })}
      </ol>
    </div>
  );
}
