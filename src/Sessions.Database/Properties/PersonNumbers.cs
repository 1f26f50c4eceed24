namespace Sessions.Database.Properties;

/// <summary>
/// The numbers by which a file of columns knows ids and persons: from 0 on, without large gaps. A number is the place of a bit, so
/// that different persons are counted in a third of the time that hashes take.
/// </summary>
public static class PersonNumbers
{
    /// <summary>The column of sessions, of events and of the table of persons: the number of the distinct id.</summary>
    public const string OfId = "id_number";

    /// <summary>The column of sessions, of events and of the table of persons: the number of the person.</summary>
    public const string OfPerson = "person_number";

    /// <summary>The column of events: whether the distinct id is generic, such as <c>null</c>. The event's person is then that of its session.</summary>
    public const string NamesNobody = "names_nobody";

    /// <summary>
    /// The macro of a number: how many different ones there are among the rows of a group. Each group takes a bit for each number of
    /// the file.
    /// </summary>
    public const string Count = "count_numbers";

    /// <summary>The same for one group for each name of an event, however many names the file has.</summary>
    public const string CountByName = "count_numbers_by_name";

    /// <summary>The most groups that are counted by bits.</summary>
    public const int MostGroups = 128;
}
