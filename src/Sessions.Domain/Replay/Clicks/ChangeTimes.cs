namespace Sessions.Domain.Replay.Clicks;

/// <summary>
/// The times at which a page changed, as far as they answer whether it changed within a span after some time. A time between
/// two others that are within one span says nothing that they don't, and is left out: so an hour of animation takes a few
/// thousand numbers. The order in which times are added does not matter.
/// </summary>
/// <param name="spanMs">The span.</param>
public sealed class ChangeTimes(long spanMs)
{
    private readonly List<long> _times = [];

    /// <summary>How many times are kept.</summary>
    public int Count => _times.Count;

    /// <summary>Adds a time.</summary>
    public void Add(long timeMs)
    {
        int place = _times.BinarySearch(timeMs);
        if (place >= 0)
        {
            return;
        }

        place = ~place;
        if (IsBetween(place - 1, place, timeMs))
        {
            return;
        }

        _times.Insert(place, timeMs);
        LeaveOut(place + 1);
        LeaveOut(place - 1);
    }

    /// <summary>Whether the page changed at that time or within the span after it.</summary>
    public bool IsWithin(long timeMs)
    {
        int place = _times.BinarySearch(timeMs);
        return place >= 0 || (~place < _times.Count && _times[~place] - timeMs <= spanMs);
    }

    private bool IsBetween(int before, int after, long timeMs) =>
        before >= 0 && after < _times.Count && _times[after] - _times[before] <= spanMs && _times[before] < timeMs && timeMs < _times[after];

    private void LeaveOut(int place)
    {
        if (place > 0 && place < _times.Count - 1 && _times[place + 1] - _times[place - 1] <= spanMs)
        {
            _times.RemoveAt(place);
        }
    }
}
