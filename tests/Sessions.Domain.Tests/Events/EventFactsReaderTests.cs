using System.Text;
using Sessions.Domain.Events;

namespace Sessions.Domain.Tests.Events;

public sealed class EventFactsReaderTests
{
    private const string Firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0";

    [Theory]
    [InlineData($$"""{"$raw_user_agent":"{{Firefox}}"}""", "Firefox", "Windows", "Desktop")]
    [InlineData($$"""{"$user_agent":"{{Firefox}}"}""", "Firefox", "Windows", "Desktop")]
    [InlineData($$"""{"$user_agent":"curl/8.0","$raw_user_agent":"{{Firefox}}"}""", "Firefox", "Windows", "Desktop")] // the raw one knows best
    [InlineData($$"""{"$browser":"Brave","$raw_user_agent":"{{Firefox}}"}""", "Brave", "Windows", "Desktop")] // what is said stays
    [InlineData($$"""{"$browser":"","$os":"null","$raw_user_agent":"{{Firefox}}"}""", "Firefox", "Windows", "Desktop")] // said nothing
    [InlineData($$"""{"$os":"Android","$device_type":"Mobile","$raw_user_agent":"{{Firefox}}"}""", "Firefox", "Android", "Mobile")]
    [InlineData($$"""{"$browser":"Brave","$device_type":"Mobile","$raw_user_agent":"{{Firefox}}"}""", "Brave", "Windows", "Mobile")]
    [InlineData($$"""{"$browser":"Brave","$os":"Android","$raw_user_agent":"{{Firefox}}"}""", "Brave", "Android", "Desktop")]
    [InlineData($$"""{"$browser":"Brave","$os":"Android","$device_type":"Mobile","$raw_user_agent":"{{Firefox}}"}""", "Brave", "Android", "Mobile")]
    [InlineData("""{"$browser":"Chrome","$os":"Linux","$device_type":"Desktop","$raw_user_agent":"x"}""", "Chrome", "Linux", "Desktop")]
    [InlineData("""{"$raw_user_agent":"curl/8.0"}""", null, null, null)]
    [InlineData("""{"$raw_user_agent":7}""", null, null, null)]
    [InlineData("{}", null, null, null)]
    public void Missing_device_properties_are_read_from_the_user_agent(
        string properties, string? browser, string? os, string? deviceType)
    {
        Assert.True(EventFactsReader.TryRead(Encoding.UTF8.GetBytes(properties), out EventFacts facts));

        Assert.Equal((browser, os, deviceType), (facts.Browser, facts.Os, facts.DeviceType));
    }

    [Fact]
    public void When_the_country_is_written_twice_the_last_one_is_read()
    {
        Assert.True(EventFactsReader.TryRead("""{"$geoip_country_code":"XX","$geoip_country_code":"NZ"}"""u8, out EventFacts facts));

        Assert.Equal("NZ", facts.Country);
    }
}
