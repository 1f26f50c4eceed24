namespace Sessions.Domain.Querying.Hours;

/// <summary>An hour as it was counted once: it begins then, and counted anew it has another version.</summary>
public readonly record struct HourVersion(long Start, Guid Version);

/// <summary>
/// What is held in memory of a project between questions: hours, each in one version, and what <c>$identify</c> events
/// said. Visitors and texts are numbered once for all hours; nothing is left here of one that is in no hour any more. One
/// user at a time.
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

    /// <summary>How many hours are held.</summary>
    public int Count => _hours.Count;

    /// <summary>How many bytes of memory this takes, about.</summary>
    public long Bytes => _bytesOfHours + _visitors.Bytes + _persons.Bytes + _texts.Sum(texts => texts.Bytes);

    /// <summary>When the first and the last hour that are held begin, in microseconds since 1970; null when none is.</summary>
    public (long First, long Last)? Span => _hours.Count == 0 ? null : (_hours.Keys.Min(), _hours.Keys.Max());

    /// <summary>Whether an hour is held in this version.</summary>
    public bool Has(HourVersion hour) => _hours.TryGetValue(hour.Start, out Held? held) && held.Version == hour.Version;

    /// <summary>Whether anything that is held is of a visitor.</summary>
    public bool Knows(string distinctId) => _visitors.Known(VisitorDigest.Of(distinctId)) is not null;

    /// <summary>Lets go of all hours but these, in these versions.</summary>
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

    /// <summary>Takes in an hour's sessions, as <see cref="HourWriter"/> wrote them, in place of another version.</summary>
    public void Put(HourVersion hour, ReadOnlySpan<byte> written)
    {
        Remove(hour.Start);
        PackedHour packed = PackedHour.Of(written, _visitors, _texts);
        _hours.Add(hour.Start, new Held(hour.Version, packed));
        _bytesOfHours += packed.Bytes;
    }

    /// <summary>Adds what an event said. It may be added more than once.</summary>
    public void Add(Identity identity) => _persons.Add(identity);

    /// <summary>Forgets what events have said about who is whom.</summary>
    public void ForgetIdentities() => _persons.Clear();

    /// <summary>The sessions of ranges: of these hours, which must be held, and of rows, which are held until <see cref="EndQuestion"/>.</summary>
    /// <param name="ranges">The ranges, in microseconds since 1970, their ends exclusive. They may overlap.</param>
    /// <param name="hours">When the hours begin, in their order.</param>
    /// <param name="fresh">Sessions that are in none of them.</param>
    /// <param name="question">The question's number; each has a greater one than those before.</param>
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

    /// <summary>Lets go of what only this question needed; its tables must not be used afterwards.</summary>
    public void EndQuestion()
    {
        _fresh?.Release(_visitors, _texts);
        _fresh = null;
    }

    /// <summary>Lets go of hours, those used longest ago first, until this takes so many bytes at most, or holds none.</summary>
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
