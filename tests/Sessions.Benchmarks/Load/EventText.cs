using System.Text;

namespace Sessions.Benchmarks.Load;

/// <summary>Events as a browser's SDK sends them, with properties of an exact size.</summary>
internal static class EventText
{
    /// <summary>The bytes of an event's properties.</summary>
    public const int PropertyBytes = 700;

    /// <summary>Stands where the device's number goes; as long as it.</summary>
    public const string DeviceHole = "DDDDDDDD";

    /// <summary>Stands where the session's id goes.</summary>
    public const string SessionHole = "SSSSSSSS-SSSS-SSSS-SSSS-SSSSSSSSSSSS";

    /// <summary>Stands where the event's id goes.</summary>
    public const string EventHole = "EEEEEEEE-EEEE-EEEE-EEEE-EEEEEEEEEEEE";

    /// <summary>Stands where the time goes.</summary>
    public const string TimeHole = "TTTT-TT-TTTTT:TT:TT.TTTZ";

    private static readonly string[] Names = ["$pageview", "$autocapture", "cart viewed", "$autocapture", "$autocapture"];

    /// <summary>The name of a body's event.</summary>
    public static string NameOf(int index) => Names[index % Names.Length];

    /// <summary>An event's properties with holes in them.</summary>
    /// <param name="index">The event's place in its request.</param>
    /// <param name="namesSessions">Whether it has <c>$session_id</c>.</param>
    public static string PropertiesOf(int index, bool namesSessions = true)
    {
        string page = $"/products/shelf-{index % 4}";
        string start =
            "{\"distinct_id\":\"visitor-" + DeviceHole + "\",\"$device_id\":\"device-" + DeviceHole + "\""
            + (namesSessions ? ",\"$session_id\":\"" + SessionHole + "\"" : "") + ",\"$window_id\":\"w-" + DeviceHole + "\""
            + ",\"$current_url\":\"https://shop.example" + page + "?utm_source=news\",\"$host\":\"shop.example\",\"$pathname\":\"" + page + "\""
            + ",\"$referrer\":\"https://www.example.org/\",\"$referring_domain\":\"www.example.org\""
            + ",\"$os\":\"Linux\",\"$browser\":\"Chrome\",\"$device_type\":\"Desktop\",\"$browser_version\":120"
            + ",\"$screen_height\":1080,\"$screen_width\":1920,\"$viewport_height\":937,\"$viewport_width\":1903"
            + ",\"$lib\":\"web\",\"$lib_version\":\"1.300.0\",\"utm_source\":\"news\",\"title\":\"Shelf\",\"fill\":\"";
        const string End = "\"}";
        int fill = PropertyBytes - Encoding.UTF8.GetByteCount(start) - End.Length;
        return start + new string('x', fill) + End;
    }

    /// <summary>A whole event with holes in it.</summary>
    public static string Of(int index, bool namesSessions) =>
        "{\"event\":\"" + NameOf(index) + "\",\"uuid\":\"" + EventHole + "\",\"timestamp\":\"" + TimeHole
        + "\",\"properties\":" + PropertiesOf(index, namesSessions) + "}";
}
