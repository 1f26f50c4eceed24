namespace Sessions.Domain.Querying.Hours;

/// <summary>What an <c>$identify</c> event said: this anonymous id is that one.</summary>
public readonly record struct Identity(string AnonymousId, string DistinctId, DateTimeOffset Time, Guid EventId)
{
    internal (DateTimeOffset Time, Guid EventId) When => (Time, EventId);
}

/// <summary>
/// The person behind each id that is somebody else's. An anonymous id is the id that it was identified as first; an id
/// that somebody had been identified as before is nobody's anonymous one any more. It is the rule of the database's
/// <c>tracking.persons_of</c>. What was said may be added in any order, and more than once. Ids are known by the numbers
/// that they have as visitors.
/// </summary>
internal sealed class Persons(VisitorNumbers visitors)
{
    // Two entries of a dictionary and a link, about.
    private const int BytesOfIdentity = 250;

    private readonly Dictionary<int, (int To, (DateTimeOffset, Guid) When)> _firsts = [];
    private readonly Dictionary<int, (DateTimeOffset, Guid)> _identifiedAs = [];
    private int[]? _personOf;

    /// <summary>How many bytes of memory this takes, about.</summary>
    public long Bytes => ((long)_firsts.Count * BytesOfIdentity) + ((_personOf?.Length ?? 0) * sizeof(int));

    /// <summary>The person of each visitor, by the visitors' numbers; those beyond the end are their own.</summary>
    public int[] PersonOf => _personOf ??= People();

    /// <summary>Adds what an event said.</summary>
    public void Add(Identity identity)
    {
        int anonymous = visitors.Hold(VisitorDigest.Of(identity.AnonymousId));
        int distinct = visitors.Hold(VisitorDigest.Of(identity.DistinctId));
        bool isKnown = _firsts.TryGetValue(anonymous, out var first);
        if (!isKnown || identity.When.CompareTo(first.When) < 0)
        {
            _firsts[anonymous] = (distinct, identity.When);
            _personOf = null;
        }

        bool wasIdentified = _identifiedAs.TryGetValue(distinct, out (DateTimeOffset, Guid) earliest);
        if (!wasIdentified || identity.When.CompareTo(earliest) < 0)
        {
            _identifiedAs[distinct] = identity.When;
            _personOf = null;
        }

        // Each is held once for each of the two in which it stands.
        if (isKnown)
        {
            visitors.Release(anonymous);
        }

        if (wasIdentified)
        {
            visitors.Release(distinct);
        }
    }

    /// <summary>Forgets all that was said.</summary>
    public void Clear()
    {
        foreach (int anonymous in _firsts.Keys)
        {
            visitors.Release(anonymous);
        }

        foreach (int distinct in _identifiedAs.Keys)
        {
            visitors.Release(distinct);
        }

        _firsts.Clear();
        _identifiedAs.Clear();
        _personOf = null;
    }

    private int[] People()
    {
        int[] people = [.. Enumerable.Range(0, _firsts.Count + _identifiedAs.Count == 0 ? 0 : visitors.Limit)];
        Dictionary<int, int> links = new(_firsts.Count);
        foreach ((int anonymous, (int to, (DateTimeOffset, Guid) when)) in _firsts)
        {
            if (!_identifiedAs.TryGetValue(anonymous, out (DateTimeOffset, Guid) earliest) || when.CompareTo(earliest) <= 0)
            {
                links[anonymous] = to;
            }
        }

        foreach ((int id, int? end) in Ends(links))
        {
            people[id] = end ?? id;
        }

        return people;
    }

    /// <summary>Where the links lead from each id. From those that lead in a circle they lead nowhere: null.</summary>
    private static Dictionary<int, int?> Ends(Dictionary<int, int> links)
    {
        Dictionary<int, int?> ends = new(links.Count);
        HashSet<int> path = [];
        foreach (int id in links.Keys)
        {
            path.Clear();
            int at = id;
            // Each link is older than the one before it, unless two events share their time and id.
            while (!ends.ContainsKey(at) && links.TryGetValue(at, out int next) && path.Add(at))
            {
                at = next;
            }

            int? end = ends.TryGetValue(at, out int? known) ? known : path.Contains(at) ? null : at;
            foreach (int passed in path)
            {
                ends[passed] = end;
            }
        }

        return ends;
    }
}
