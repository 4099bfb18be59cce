"""Operations on masks: run lengths, connected components, boxes."""
