namespace Sessions.Domain.Querying.Hours;

/// <summary>
/// An aggregated hour: its start, in microseconds since 1970, and its version, which changes when it is aggregated
/// again.
/// </summary>
public readonly record struct HourVersion(long Start, Guid Version);

/// <summary>
/// The cache of one project: hours, each in one version, and merges of ids. Visitors and texts have the same numbers in
/// all hours. The numbers are reference-counted: when the last hour that uses one is removed, its digest or text is
/// freed. Not thread-safe.
/// </summary>
public sealed class ProjectHours
{
    private readonly Dictionary<long, Held> _hours = [];
    private readonly VisitorNumbers _visitors = new();
    private readonly TextCodes[] _texts = [.. HourColumns.Texts.Select(_ => new TextCodes())];
    private readonly Persons _persons;
    private long _bytesOfHours;
    private PackedHour? _fresh;

    public ProjectHours() => _persons = new Persons(_visitors);

    /// <summary>The number of hours in the cache.</summary>
    public int Count => _hours.Count;

    /// <summary>The approximate size in bytes of memory.</summary>
    public long Bytes => _bytesOfHours + _visitors.Bytes + _persons.Bytes + _texts.Sum(texts => texts.Bytes);

    /// <summary>
    /// The starts of the first and the last hour in the cache, in microseconds since 1970; null when it is empty.
    /// </summary>
    public (long First, long Last)? Span => _hours.Count == 0 ? null : (_hours.Keys.Min(), _hours.Keys.Max());

    /// <summary>Whether the cache has an hour in this version.</summary>
    public bool Has(HourVersion hour) => _hours.TryGetValue(hour.Start, out Held? held) && held.Version == hour.Version;

    /// <summary>Whether the cache contains a visitor.</summary>
    public bool Knows(string distinctId) => _visitors.Known(VisitorDigest.Of(distinctId)) is not null;

    /// <summary>Removes all hours except these, in these versions.</summary>
    public void Retain(IEnumerable<HourVersion> hours)
    {
        Dictionary<long, Guid> versions = hours.ToDictionary(hour => hour.Start, hour => hour.Version);
        foreach ((long start, Held held) in _hours)
        {
            if (!versions.TryGetValue(start, out Guid version) || version != held.Version)
            {
                Remove(start);
            }
        }
    }

    /// <summary>
    /// Adds an hour's sessions, as <see cref="HourWriter"/> wrote them. Replaces another version of the hour.
    /// </summary>
    public void Put(HourVersion hour, ReadOnlySpan<byte> written)
    {
        Remove(hour.Start);
        PackedHour packed = PackedHour.Of(written, _visitors, _texts);
        _hours.Add(hour.Start, new Held(hour.Version, packed));
        _bytesOfHours += packed.Bytes;
    }

    /// <summary>Adds a merge of ids. It may be added more than once.</summary>
    public void Add(Identity identity) => _persons.Add(identity);

    /// <summary>Removes all merges of ids.</summary>
    public void ForgetIdentities() => _persons.Clear();

    /// <summary>
    /// Makes the tables of ranges from these hours, which must be in the cache, and from rows, which are held until
    /// <see cref="EndQuestion"/>.
    /// </summary>
    /// <param name="ranges">The ranges, in microseconds since 1970, their ends exclusive. They may overlap.</param>
    /// <param name="hours">The starts of the hours, in order.</param>
    /// <param name="fresh">Sessions that are in none of the hours.</param>
    /// <param name="question">The query's number. Each query has a larger number than those before.</param>
    public SessionTables TablesOf(
        IEnumerable<(long From, long To)> ranges, IEnumerable<long> hours, IReadOnlyCollection<HourRow> fresh, long question)
    {
        List<PackedHour> packed = [];
        foreach (long start in hours)
        {
            Held held = _hours[start];
            held.LastUsed = question;
            packed.Add(held.Hour);
        }

        if (fresh.Count > 0)
        {
            _fresh = PackedHour.Of(HourWriter.Write(fresh), _visitors, _texts);
            packed.Add(_fresh);
        }

        ReadOnlyMemory<int> persons = _persons.PersonOf;
        return new SessionTables(ranges, packed, _texts, _visitors.Limit, persons);
    }

    /// <summary>Releases what only this query needed. Don't use its tables afterwards.</summary>
    public void EndQuestion()
    {
        _fresh?.Release(_visitors, _texts);
        _fresh = null;
    }

    /// <summary>
    /// Removes hours, the least recently used ones first, until the cache has at most that many bytes or is empty.
    /// </summary>
    public void ShrinkTo(long bytes)
    {
        foreach ((long start, _) in _hours.OrderBy(hour => hour.Value.LastUsed).ThenBy(hour => hour.Key).ToList())
        {
            if (Bytes <= bytes)
            {
                return;
            }

            Remove(start);
        }
    }

    private void Remove(long start)
    {
        if (_hours.Remove(start, out Held? held))
        {
            held.Hour.Release(_visitors, _texts);
            _bytesOfHours -= held.Hour.Bytes;
        }
    }

    private sealed class Held(Guid version, PackedHour hour)
    {
        public Guid Version { get; } = version;

        public PackedHour Hour { get; } = hour;

        public long LastUsed { get; set; }
    }
}
