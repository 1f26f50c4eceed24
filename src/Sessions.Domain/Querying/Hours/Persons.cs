using Sessions.Domain.Persons;

namespace Sessions.Domain.Querying.Hours;

/// <summary>What an event said: this anonymous id is that one.</summary>
/// <param name="AnonymousId">The anonymous id, or the alias. The same as the other one when the event named no other.</param>
/// <param name="DistinctId">Who that is.</param>
/// <param name="Kind">How it was said.</param>
/// <param name="Arrived">Its place in the order in which the server got to know such.</param>
public readonly record struct Identity(string AnonymousId, string DistinctId, MergeKind Kind, long Arrived);

/// <summary>
/// The person behind each id. An <c>$identify</c> or <c>$create_alias</c> merges an id that nothing was said of before it
/// arrived; a <c>$merge_dangerously</c> merges any. It is the rule of the database's <c>tracking.persons_of</c>. What was
/// said may be added in any order, and more than once. Ids are known by the numbers that they have as visitors.
/// </summary>
internal sealed class Persons(VisitorNumbers visitors)
{
    // Two entries of a dictionary and a link, about.
    private const int BytesOfIdentity = 250;

    // What was said of each id first, on whichever side it stood.
    private readonly Dictionary<int, First> _firsts = [];
    private readonly HashSet<(int One, int Other)> _dangerous = [];
    private int[]? _personOf;

    /// <summary>How many bytes of memory this takes, about.</summary>
    public long Bytes => ((long)(_firsts.Count + _dangerous.Count) * BytesOfIdentity) + ((_personOf?.Length ?? 0) * sizeof(int));

    /// <summary>The person of each visitor, by the visitors' numbers; those beyond the end are their own.</summary>
    public int[] PersonOf => _personOf ??= People();

    /// <summary>Adds what an event said.</summary>
    public void Add(Identity identity)
    {
        int anonymous = visitors.Hold(VisitorDigest.Of(identity.AnonymousId));
        int distinct = visitors.Hold(VisitorDigest.Of(identity.DistinctId));
        bool links = identity.Kind != MergeKind.Dangerous && anonymous != distinct;
        Note(anonymous, new First(identity.Arrived, links ? distinct : null));
        Note(distinct, new First(identity.Arrived, null));
        if (identity.Kind == MergeKind.Dangerous && anonymous != distinct && _dangerous.Add((anonymous, distinct)))
        {
            _personOf = null;
        }
    }

    /// <summary>Forgets all that was said.</summary>
    public void Clear()
    {
        foreach (int id in _firsts.Keys)
        {
            visitors.Release(id);
        }

        _firsts.Clear();
        _dangerous.Clear();
        _personOf = null;
    }

    /// <summary>Each id is held once, by its first.</summary>
    private void Note(int id, First said)
    {
        bool isKnown = _firsts.TryGetValue(id, out First known);
        if (isKnown)
        {
            visitors.Release(id);
        }

        if (!isKnown || said.Arrived < known.Arrived)
        {
            _firsts[id] = said;
            _personOf = null;
        }
    }

    private int[] People()
    {
        int[] people = [.. Enumerable.Range(0, _firsts.Count == 0 ? 0 : visitors.Limit)];
        foreach ((int id, First first) in _firsts)
        {
            if (first.Person is { } person)
            {
                people[RootOf(people, id)] = RootOf(people, person);
            }
        }

        foreach ((int one, int other) in _dangerous)
        {
            people[RootOf(people, one)] = RootOf(people, other);
        }

        for (int id = 0; id < people.Length; id++)
        {
            people[id] = RootOf(people, id);
        }

        return people;
    }

    private static int RootOf(int[] people, int id)
    {
        while (people[id] != id)
        {
            people[id] = people[people[id]];
            id = people[id];
        }

        return id;
    }

    /// <summary>What was said of an id first.</summary>
    /// <param name="Arrived">When it arrived.</param>
    /// <param name="Person">Who it became by it; null when it was said to be somebody, or was merged dangerously.</param>
    private readonly record struct First(long Arrived, int? Person);
}
