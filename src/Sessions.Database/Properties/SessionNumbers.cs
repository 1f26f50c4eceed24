namespace Sessions.Database.Properties;

/// <summary>The numbers by which a file of columns knows its sessions, from 0 on, like those of persons.</summary>
public static class SessionNumbers
{
    /// <summary>The column of sessions and of events: the number of the session.</summary>
    public const string Of = "session_number";

    /// <summary>The table of the numbers of sessions that have an event with a generic distinct id.</summary>
    public const string Nameless = "nameless";

    /// <summary>The macro of a number: how many different ones there are among the rows of a group, as <see cref="PersonNumbers.Count"/>.</summary>
    public const string Count = "count_session_numbers";

    /// <summary>The same for one group for each name of an event, however many names the file has.</summary>
    public const string CountByName = "count_session_numbers_by_name";
}
