namespace Sessions;

/// <summary>An event of a request that says who is whom.</summary>
/// <param name="Index">Its place in the request.</param>
/// <param name="Device">The device that takes it.</param>
/// <param name="SessionId">The session that it names; null when it names none.</param>
/// <param name="DistinctId">Its distinct id.</param>
/// <param name="OtherId">Whom it says that this one is too.</param>
internal readonly record struct Merge(int Index, UserDeviceKey Device, string? SessionId, string DistinctId, string OtherId);

/// <summary>
/// The events of a request whose order matters though they are of different devices: who is whom is decided by what
/// arrived first. Devices that take such events stand in one lane, and their calls are made one after the other. All
/// others are called side by side.
/// </summary>
internal sealed class MergeLanes
{
    private readonly Dictionary<UserDeviceKey, int> _laneOf = [];
    private readonly HashSet<int> _ordered = [];

    private MergeLanes()
    {
    }

    /// <summary>How many lanes there are.</summary>
    public int Count { get; private set; }

    /// <summary>The lanes of a request; null when it needs none.</summary>
    /// <param name="merges">Its events that say who is whom, in order.</param>
    public static MergeLanes? Of(IReadOnlyList<Merge> merges)
    {
        if (merges.Count < 2)
        {
            return null;
        }

        Groups<string> people = new();
        foreach (Merge merge in merges)
        {
            people.Join(merge.DistinctId, merge.OtherId);
        }

        MergeLanes lanes = new();
        Groups<UserDeviceKey> devices = new();
        foreach (IGrouping<string, Merge> person in merges.GroupBy(merge => people.Of(merge.DistinctId)))
        {
            Merge first = person.First();
            if (person.All(merge => merge.Device == first.Device && merge.SessionId is not null && merge.SessionId == first.SessionId))
            {
                // One session takes all of them, in the order of its call; nearly always there is only one.
                continue;
            }

            if (person.Skip(1).Any())
            {
                foreach (Merge merge in person)
                {
                    lanes._ordered.Add(merge.Index);
                    devices.Join(first.Device, merge.Device);
                }
            }
        }

        Dictionary<UserDeviceKey, int> numbers = [];
        foreach (Merge merge in merges.Where(merge => lanes._ordered.Contains(merge.Index)))
        {
            UserDeviceKey group = devices.Of(merge.Device);
            numbers.TryAdd(group, numbers.Count);
            lanes._laneOf[merge.Device] = numbers[group];
        }

        lanes.Count = numbers.Count;
        return lanes.Count == 0 ? null : lanes;
    }

    /// <summary>The device's lane; null when it is called beside all others.</summary>
    public int? LaneOf(UserDeviceKey device) => _laneOf.TryGetValue(device, out int lane) ? lane : null;

    /// <summary>Whether an event's call is to be made before any later one of its lane is.</summary>
    public bool IsOrdered(int index) => _ordered.Contains(index);

    /// <summary>What belongs together because it was joined, directly or through others.</summary>
    private sealed class Groups<T>
        where T : notnull
    {
        private readonly Dictionary<T, T> _parents = [];

        public void Join(T one, T other) => _parents[Of(one)] = Of(other);

        public T Of(T member)
        {
            while (_parents.TryGetValue(member, out T? parent) && !parent.Equals(member))
            {
                T above = _parents.GetValueOrDefault(parent, parent);
                _parents[member] = above;
                member = above;
            }

            return member;
        }
    }
}
