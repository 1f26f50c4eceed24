using Sessions.Domain.Devices;
using Sessions.Domain.Events;


namespace Sessions.Domain.Tests.Placing;

/// <summary>
/// The id of a session that the server makes: a UUIDv7 of the first event's time, and the same again for a retry.
/// </summary>
public sealed class ServerSessionIdTests
{
    private static readonly UserDeviceKey Device = UserDeviceKey.Create("shop", "ann");
    private static readonly DateTimeOffset Time = new(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);
    private static readonly Guid First = new("0195f3a1-7c00-7000-8000-000000000001");

    [Fact]
    public void A_server_session_id_is_a_UUIDv7_with_the_time_of_the_first_event()
    {
        string id = ServerSessionId.Create(Device, Time, First).ToString();
        Assert.Equal(Time.ToUnixTimeMilliseconds().ToString("x12", null), id[..8] + id[9..13]);
        Assert.Equal('7', id[14]);
        Assert.Contains(id[19], "89ab");
        Assert.True(ClientSessionId.TryParse(id, out _));
    }

    [Fact]
    public void The_same_first_event_gives_the_same_session_id() =>
        Assert.Equal(ServerSessionId.Create(Device, Time, First), ServerSessionId.Create(Device, Time, First));

    [Fact]
    public void Another_event_device_or_project_gives_another_session_id()
    {
        Guid[] ids =
        [
            ServerSessionId.Create(Device, Time, First),
            ServerSessionId.Create(Device, Time, Guid.NewGuid()),
            ServerSessionId.Create(UserDeviceKey.Create("shop", "ben"), Time, First),
            ServerSessionId.Create(UserDeviceKey.Create("blog", "ann"), Time, First),
        ];
        Assert.Distinct(ids);
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z", "000000000000", "before 1970 is kept at its beginning")]
    [InlineData("1969-12-31T23:59:59.999Z", "000000000000", "just before it")]
    [InlineData("1970-01-01T00:00:00.001Z", "000000000001", "just after it")]
    [InlineData("9999-12-31T23:59:59.999Z", "e677d21fdbff", "the last millisecond of all")]
    public void A_session_id_holds_any_time_and_times_before_1970_become_1970(
        string time, string milliseconds, string because)
    {
        string id = ServerSessionId.Create(Device, DateTimeOffset.Parse(time, null), First).ToString();
        Assert.True(milliseconds == id[..8] + id[9..13], because);
    }
}
