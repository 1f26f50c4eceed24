namespace Sessions.Host.Import;

/// <summary>
/// Counts entries that say the same. Somebody who reloads a page twice in a second leaves two lines that are alike, and
/// both count. The same lines once more, in another file or further down in this one, are the same events.
/// </summary>
/// <remarks>
/// What tells the one from the other is time. Logs are in the order of time but for the seconds that a slow answer took.
/// So lines that are alike, which have one time, are near each other; and where the file goes back further than
/// <see cref="Disorder"/>, or back to its first line, another file was appended whose lines may all have been there:
/// counting begins anew. Hence only the last seconds' lines have to be remembered.
/// </remarks>
internal sealed class Occurrences
{
    /// <summary>How far a line's time may be behind an earlier line's.</summary>
    public static readonly TimeSpan Disorder = TimeSpan.FromSeconds(10);

    // More than any server logs within the disorder; the bound is for files whose entries all have one time.
    private const int MostKept = 500_000;

    private readonly Dictionary<Guid, int> _counts = [];
    private readonly Queue<(Guid Content, DateTimeOffset Time, long Offset)> _kept = [];
    private DateTimeOffset _latest = DateTimeOffset.MinValue;

    /// <summary>What the first line says of those that are counted together; null before there is one.</summary>
    public Guid? First { get; set; }

    /// <summary>
    /// From where a file has to be read again so that counting goes on as if it had not been interrupted; null when
    /// nothing has to be.
    /// </summary>
    public long? RememberedFrom => _kept.TryPeek(out (Guid, DateTimeOffset, long Offset) oldest) ? oldest.Offset : null;

    /// <summary>Counts one.</summary>
    /// <param name="content">What it says.</param>
    /// <param name="time">When it happened.</param>
    /// <param name="offset">Where it stands.</param>
    /// <returns>1 for the first that says this.</returns>
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
