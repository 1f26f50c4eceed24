namespace Sessions.Run.Import;

/// <summary>
/// Counts equal entries. A visitor who reloads a page twice in a second leaves two equal lines, and both count. The
/// same lines again, in another file or later in this one, are the same events.
/// </summary>
/// <remarks>
/// The time tells the two cases apart. Logs are in the order of time, except for the seconds that a slow answer took.
/// So equal lines, which have the same time, are near each other. Where the time goes back further than
/// <see cref="Disorder"/>, or back to the first line, another file was appended, whose lines may all be the same events:
/// counting starts again. So the importer has to remember only the lines of the last seconds.
/// </remarks>
internal sealed class Occurrences
{
    /// <summary>How much earlier than the line before it a line's time may be.</summary>
    public static readonly TimeSpan Disorder = TimeSpan.FromSeconds(10);

    // More than a server logs within the disorder. The limit is for files whose entries all have one time.
    private const int MostKept = 500_000;

    private readonly Dictionary<Guid, int> _counts = [];
    private readonly Queue<(Guid Content, DateTimeOffset Time, long Offset)> _kept = [];
    private DateTimeOffset _latest = DateTimeOffset.MinValue;

    /// <summary>The content of the first line of the current count; null before the first one.</summary>
    public Guid? First { get; set; }

    /// <summary>
    /// The position from which a file must be read again to continue counting after an interruption; null when nothing
    /// must be read again.
    /// </summary>
    public long? RememberedFrom => _kept.TryPeek(out (Guid, DateTimeOffset, long Offset) oldest) ? oldest.Offset : null;

    /// <summary>Counts an entry.</summary>
    /// <param name="content">The hash of its content.</param>
    /// <param name="time">When it happened.</param>
    /// <param name="offset">Its position.</param>
    /// <returns>1 for the first with this content.</returns>
    public int Count(Guid content, DateTimeOffset time, long offset)
    {
        if (time < _latest && (_latest - time > Disorder || content == First))
        {
            _counts.Clear();
            _kept.Clear();
            First = content;
            _latest = time;
        }

        First ??= content;
        _latest = time > _latest ? time : _latest;
        while (_kept.TryPeek(out (Guid Content, DateTimeOffset Time, long) oldest)
            && (_latest - oldest.Time > Disorder || _kept.Count == MostKept))
        {
            _counts.Remove(oldest.Content);
            _kept.Dequeue();
        }

        int number = _counts.GetValueOrDefault(content) + 1;
        _counts[content] = number;
        if (number == 1)
        {
            _kept.Enqueue((content, time, offset));
        }

        return number;
    }
}
