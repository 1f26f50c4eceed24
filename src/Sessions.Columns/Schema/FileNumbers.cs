using Sessions.Database.Properties;

namespace Sessions.Columns.Schema;

/// <summary>
/// By what the macros of a file count: the numbers that the file has given, with room for more, and whether groups by name are few.
/// </summary>
/// <param name="Ids">The numbers of ids.</param>
/// <param name="Sessions">The numbers of sessions.</param>
/// <param name="HaveManyNames">Whether events have so many names that groups by name are not counted by bits.</param>
internal readonly record struct FileNumbers(long Ids, long Sessions, bool HaveManyNames)
{
    private const long RoomAtFirst = 1L << 16;

    /// <summary>Those of an empty file.</summary>
    public static FileNumbers AtFirst { get; } = new(RoomAtFirst, RoomAtFirst, HaveManyNames: false);

    /// <summary>Makes room for this many numbers. A file that grows steadily gets new macros rarely.</summary>
    /// <param name="ids">The numbers of ids that the file has given.</param>
    /// <param name="sessions">The numbers of sessions that the file has given.</param>
    /// <param name="names">How many names the events have, or had.</param>
    public FileNumbers With(long ids, long sessions, long names) =>
        new(Room(Ids, ids), Room(Sessions, sessions), HaveManyNames || names > PersonNumbers.MostGroups);

    private static long Room(long room, long numbers)
    {
        while (room < numbers)
        {
            room *= 2;
        }

        return room;
    }
}
